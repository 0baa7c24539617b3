import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../project/sources.js";

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["bench/run.mjs", ...args], { cwd: root, encoding: "utf8" });

test("a quick run measures nin-net's training step and forward pass and writes nothing", () => {
  const page = () => readFileSync(join(root, "docs", "performance.md"), "utf8");
  const before = page();
  const only = "training: nin-net on Node,latency: nin-net on Node";
  const args = ["--quick", "--rounds", "1", "--batch", "2", "--threads", "1", "--node", process.execPath];
  const { status, stdout, stderr } = bench(...args, "--only", only);
  assert.equal(status, 0, stderr);
  const version = process.version.slice(1).replaceAll(".", "\\.");
  assert.match(stdout, /^Measured on \d{4}-\d\d-\d\d by `npm run bench` on .*, 1 thread for everyone, /);
  assert.match(stdout, /\n### Training step, batch 2\n/);
  assert.match(
    stdout,
    new RegExp(
      `\\n\\| nin-net on Node ${version} \\(\\d+ bits\\) \\| [\\d.]+ \\| once \\| [\\d.]+ GB \\|\\n`,
    ),
  );
  assert.match(stdout, /\n### Forward pass, one image\n/);
  assert.match(stdout, /\n- cpu \(WebAssembly, .*1 thread\)\n/);
  assert.doesNotMatch(stdout, /PyTorch|onnxruntime/);
  assert.equal(page(), before);
});

test("wrong calls are refused in one sentence", () => {
  for (const [args, message] of [
    [["--batch", "0"], 'error: --batch: got "0", expected a whole number from 1 up.\n'],
    [["--only", "fastest"], "error: --only: no contestant is left.\n"],
    [["--node", "none"], 'error: --node: got "none", expected the path of a Node that runs.\n'],
  ] as const) {
    const { status, stdout, stderr } = bench(...args);
    assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: "", stderr: message });
  }
});
