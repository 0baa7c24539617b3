import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

/** Two small images on one thread. */
const tiny = ["profile", "--batch-size", "2", "--resize", "67", "--threads", "1"];

interface ProfileJson {
  readonly kind: string;
  readonly task: string;
  readonly imagesPerSecond: number;
  readonly roofline: { readonly flopsPerSecond: number; readonly bytesPerSecond: number };
  readonly rows: readonly { readonly op?: string; readonly kernel: string; readonly seconds: number }[];
}

test("nin profile prints a table by op within 80 columns", async () => {
  const { status, stdout, stderr } = await runNin(tiny);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^Training step, batch 2, 67 x 67: [\d.]+ ms, [\d.]+ images\/s\non cpu \(.*1 thread\)\nmax, measured here: [\d.]+ GFLOP\/s \(micro-kernel\), [\d.]+ GB\/s \(copy\)\n\nop, kernel +ms +time +GFLOP\/s +of max +GB\/s +of max\n/,
  );
  assert.match(stdout, /\nconv2dInputGrad +[\d.]+ +[\d.]+%/);
  assert.match(stdout, /\ntogether +[\d.]+ +[\d.]+%( +[\d.]+ +[\d.]+%){2}\n/);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});

test("nin profile --each has a line an instruction, in 80 columns, with --forward no gradients", async () => {
  const { status, stdout } = await runNin([...tiny, "--forward", "--each"]);
  assert.equal(status, 0);
  assert.match(stdout, /^Forward pass, batch 2, 67 x 67: /);
  assert.match(stdout, /\nkernel +result +ms +time +GFLOP\/s +GB\/s\n/);
  assert.match(stdout, /\nconvolve1x1 +2x15x15x96 +[\d.]+ +[\d.]+% +[\d.]+ +[\d.]+\n/);
  assert.doesNotMatch(stdout, /Gradient/);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});

test("nin profile --json and --trace give the same run to programs", async (t) => {
  const file = join(temporaryFolder(t), "trace.json");
  const { status, stdout, stderr } = await runNin([...tiny, "--json", "--trace", file]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const result = JSON.parse(stdout) as ProfileJson;
  assert.equal(result.kind, "profile");
  assert.equal(result.task, "train");
  assert.ok(result.imagesPerSecond > 0);
  // A core of this century does more than a billion operations a second, and less than 10,000 billion.
  const { flopsPerSecond, bytesPerSecond } = result.roofline;
  assert.ok(flopsPerSecond > 1e9 && flopsPerSecond < 1e13, `${flopsPerSecond}`);
  assert.ok(bytesPerSecond > 1e8 && bytesPerSecond < 1e13, `${bytesPerSecond}`);

  const trace = JSON.parse(readFileSync(file, "utf8")) as {
    traceEvents: { name: string; ph: string; dur?: number }[];
  };
  const drawn = trace.traceEvents.filter(({ ph }) => ph === "X");
  assert.ok(drawn.some(({ name }) => name === "slice 1 of 1"));
  for (const { kernel } of result.rows) assert.ok(drawn.some(({ name }) => name === kernel));
});

test("--passes none runs the plain graph, no-NAME leaves one pass out, NAME keeps that one alone", async () => {
  const opsWith = async (passes: string) => {
    const { stdout } = await runNin([...tiny, "--passes", passes, "--json"]);
    return new Set((JSON.parse(stdout) as ProfileJson).rows.map(({ op }) => op));
  };
  const plain = await opsWith("none");
  assert.ok(plain.has("resizeBilinear") && plain.has("relu") && !plain.has("winogradConv2d"));
  const most = await opsWith("no-winograd");
  assert.ok(!most.has("relu") && !most.has("winogradConv2d"));
  const alone = await opsWith("winograd");
  assert.ok(alone.has("winogradConv2d") && alone.has("relu"));

  const { stdout } = await runNin([...tiny, "--passes", "no-winograd,no-sum-early"]);
  assert.match(stdout, /\nwithout the rewriting passes: winograd, sum-early\n/);
});

test("a trace that cannot be written is refused before anything is measured", async (t) => {
  const folder = temporaryFolder(t);
  const gone = join(folder, "gone");
  assert.deepEqual(await runNin([...tiny, "--trace", join(gone, "trace.json")]), {
    status: 1,
    stdout: "",
    stderr: `error: --trace: ${gone}: no such folder. Make it, or choose another place.\n`,
  });
  assert.deepEqual(await runNin([...tiny, "--trace", folder]), {
    status: 1,
    stdout: "",
    stderr: `error: --trace: ${folder} is a folder, expected a file. Add a file name.\n`,
  });
  assert.equal(existsSync(gone), false);
});

test("the reference device cannot tell where its time goes", async () => {
  assert.deepEqual(await runNin([...tiny, "--device", "reference"]), {
    status: 1,
    stdout: "",
    stderr:
      "error: profile: got the device reference (plain loops in float64, 1 thread), which cannot tell where its time goes. Use the CPU device.\n",
  });
});

test("nin profile says in a sentence where its trace cannot be written, and that memory is short", async (t) => {
  const locked = join(temporaryFolder(t), "x".repeat(300));
  const trace = await runNin([...tiny, "--trace", locked]);
  assert.equal(
    trace.stderr,
    `error: ${locked}: cannot be written: its name is too long. Choose a folder that can be written to.\n`,
  );
  assert.equal(trace.status, 1);
  const large = await runNin(["profile", "--net", "lenet", "--batch-size", "1000000000000"]);
  assert.equal(
    large.stderr,
    "error: There is not enough memory for so many images at once. Take fewer: a smaller --batch-size, or fewer images.\n",
  );
  assert.equal(large.status, 1);
});
