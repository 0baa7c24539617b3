import assert from "node:assert/strict";
import { test } from "node:test";
import { runNin } from "../cli/run-nin.js";

test("nin summary prints the tutorial's ten lines", async () => {
  const { status, stdout, stderr } = await runNin(["summary"]);
  assert.equal(
    stdout,
    [
      "Sequential output shape: [1, 96, 54, 54]",
      "MaxPool2d output shape: [1, 96, 26, 26]",
      "Sequential output shape: [1, 256, 26, 26]",
      "MaxPool2d output shape: [1, 256, 12, 12]",
      "Sequential output shape: [1, 384, 12, 12]",
      "MaxPool2d output shape: [1, 384, 5, 5]",
      "Dropout output shape: [1, 384, 5, 5]",
      "Sequential output shape: [1, 10, 5, 5]",
      "AdaptiveAvgPool2d output shape: [1, 10, 1, 1]",
      "Flatten output shape: [1, 10]",
      "",
    ].join("\n"),
  );
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("nin summary --table adds up to the published totals, within 80 columns", async () => {
  const { stdout } = await runNin(["summary", "--table"]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "input [1, 1, 224, 224]");
  assert.deepEqual(lines[2]!.split(/ {2,}/), [
    "layer",
    "output shape",
    "parameters",
    "multiply-adds",
    "activations",
  ]);
  // 5x5x96x256 weights and 256 biases; 26x26 outputs with 5x5x96 products each, in 256 channels.
  assert.deepEqual(
    lines
      .find((line) => line.includes("2.0 Conv2d"))!
      .trim()
      .split(/ {2,}/),
    ["2.0 Conv2d", "[1, 256, 26, 26]", "614,656", "415,334,400", "692.2 kB"],
  );
  assert.deepEqual(lines.at(-1)!.split(/ {2,}/).slice(0, 4), [
    "total",
    "[1, 10]",
    "1,992,166",
    "762,297,352",
  ]);
  for (const line of lines) assert.ok(line.length <= 80, line);
});

test("nin summary --json --resize 96 prints one object for that size", async () => {
  const { stdout } = await runNin(["summary", "--json", "--resize", "96"]);
  const summary = JSON.parse(stdout) as {
    net: string;
    inputShape: number[];
    parameters: number;
    children: { kind: string; outputShape: number[] }[];
  };
  assert.equal(summary.net, "NinNet");
  assert.deepEqual(summary.inputShape, [1, 1, 96, 96]);
  assert.equal(summary.parameters, 1_992_166);
  assert.deepEqual(summary.children[0]!.outputShape, [1, 96, 22, 22]); // (96 - 11) / 4 + 1
  assert.equal(summary.children.length, 10);
});
