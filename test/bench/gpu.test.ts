import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../cli/run-nin.js";
import { root } from "../project/sources.js";
import { type BenchKernel, type BenchRow, loadBench } from "./load-bench.js";

const { contestants } = await loadBench("gpu/contestants");
const { kernelsOf, leastSeconds, rowsOf, totalOf } = await loadBench("gpu/kernels");
const { verdicts } = await loadBench("gpu/report");

/** On Linux without the GPUs that may be here: Vulkan finds none where it is pointed at no driver. */
const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["bench/gpu.mjs", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NIN_SOFTWARE_GPU: "", VK_ICD_FILENAMES: join(root, "no-driver.json") },
  });

const skip = process.platform !== "linux" && "only on Linux can GPUs be hidden";

test("without a GPU it says so and what the kernels should need, and writes nothing", { skip }, () => {
  const page = () => readFileSync(join(root, "docs", "gpu-performance.md"), "utf8");
  const before = page();
  const { status, stdout } = bench("--batch", "32", "--recipe");
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^Written on .* by `node bench\/gpu\.mjs` on .*\*\*Nothing was measured on a GPU\.\*\*\n/,
  );
  assert.match(stdout, /\n- There is no GPU[^\n]*\n\n### Targets\n/);
  assert.match(
    stdout,
    /\n\| training step, batch 32, f16 \| at least 1\.0 times PyTorch \| – \| not measured \|\n/,
  );
  assert.match(stdout, /\n\| the tutorial's ten epochs, f32 \| under 180 s \| – \| not measured \|\n/);
  // 2 x 32 x 26 x 26 x 256 x 256 operations, and bias and ReLU; twice.
  assert.match(stdout, /\n\| convolve \| 32 x 26 x 26 x 256 \| 2 \| 338 \| 5\.69 \|/);
  // 49 tiles of 8 x 8 an image.
  const winograd = ((2 * 32 * 49 * 64 * 96 * 256) / 1e9).toFixed(2);
  for (const kernel of [
    "winogradProducts | 32 x 26 x 26 x 256",
    "winogradWeightProducts | 8 x 8 x 96 x 256",
  ]) {
    const line = stdout.split("\n").find((text) => text.startsWith(`| ${kernel} | 1 |`));
    assert.equal(line?.split(" | ")[4], winograd, kernel);
  }
  assert.equal(page(), before);
});

test("wrong calls are refused in one sentence; help needs no GPU", () => {
  for (const [args, message] of [
    [["--batch", "128,0"], 'error: --batch: got "0", expected a whole number from 1 up.\n'],
    [["--rounds", "many"], 'error: --rounds: got "many", expected a whole number from 1 up.\n'],
    [["--precision", "f64"], 'error: --precision: got "f64", expected f32, f16 or f32,f16.\n'],
    [["--quick", "--write"], "error: --write: a --quick run measures nothing worth keeping.\n"],
  ] as const) {
    const { status, stdout, stderr } = bench(...args);
    assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: "", stderr: message });
  }
  const { status, stdout, stderr } = bench("--frob");
  assert.deepEqual(
    { status, stdout, lines: stderr.trim().split("\n").length },
    { status: 1, stdout: "", lines: 1 },
  );
  assert.match(stderr, /^error: .*--frob/);
  assert.match(bench("--help").stdout, /^Usage: node bench\/gpu\.mjs \[options\]\n/);
});

test("a target is met, is not met, or was not measured", () => {
  const row = (name: string, median: number): BenchRow => ({
    ...{ table: "batch 128", name, device: "d", unit: "imagesPerSecond", median },
    ...{ lowest: median, highest: median, measurements: 5, peakBytes: 1 },
  });
  const rows = [
    row("nin-net, f32", 60),
    row("nin-net, f16", 90),
    row("PyTorch", 100),
    row("PyTorch, autocast to f16", 10),
  ];
  const recipe = { precision: "f16", reason: "finished", processSeconds: 100 };
  assert.deepEqual(verdicts({ batches: [128, 512] }, rows, [recipe]), [
    ["training step, batch 128, f32", "at least 0.5 times PyTorch", "0.60 times", "met"],
    ["training step, batch 128, f16", "at least 1.0 times PyTorch", "0.90 times", "**not met**"],
    ["training step, batch 512, f32", "at least 0.5 times PyTorch", "–", "not measured"],
    ["training step, batch 512, f16", "at least 1.0 times PyTorch", "–", "not measured"],
    ["the tutorial's ten epochs, f32", "under 180 s", "–", "not measured"],
    ["the tutorial's ten epochs, f16", "under 180 s", "100 s", "met"],
  ]);
  const verdictOf = (run: object) => verdicts({ batches: [] }, [], [{ ...recipe, ...run }])[1]![3];
  assert.equal(verdictOf({ processSeconds: 181 }), "**not met**");
  assert.equal(verdictOf({ reason: "diverged" }), "**not met**");
  assert.equal(verdicts({ batches: [128], quick: true }, rows, [])[0]![3], "rehearsed");
});

test("a kernel needs the time of its bytes or of its operations, whichever is longer", () => {
  assert.equal(leastSeconds({ kernel: "convolve", bytes: 4e12, flops: 6e12 }, "f32"), 1);
  assert.equal(leastSeconds({ kernel: "convolve", bytes: 4e11, flops: 6e13 }, "f32"), 1);
  // Tensor cores multiply matrices, and nothing else.
  for (const kernel of [
    "convolve",
    "convolveWeightGradient",
    "polyphaseWeightGradient",
    "winogradProducts",
  ]) {
    assert.equal(leastSeconds({ kernel, bytes: 0, flops: 4e14 }, "f16"), 1, kernel);
  }
  assert.equal(leastSeconds({ kernel: "maxPool", bytes: 0, flops: 6e13 }, "f16"), 1);
});

test("kernels get the times of a profile of the same kernels, and none of another", () => {
  const { f32 } = kernelsOf(2, 67, {});
  const rows = f32!.map(({ kernel }, i) => ({ kernel, seconds: i + 1 }));
  const timesFor = (of: object) => kernelsOf(2, 67, { f32: of }).f32!.map(({ measured }) => measured);
  assert.deepEqual(
    timesFor({ rows }),
    rows.map(({ seconds }) => seconds),
  );
  assert.ok(timesFor({ rows: rows.slice(1) }).every((seconds) => seconds === undefined));
  assert.ok(timesFor({ rows: [...rows].reverse() }).every((seconds) => seconds === undefined));
});

test("kernels of one name and result are a row; the precisions stand side by side", () => {
  const kernel = (name: string, bytes: number, more: Partial<BenchKernel> = {}) => ({
    ...{ kernel: name, result: "1 x 2", workgroups: 3, bytes, flops: 0, ...more },
  });
  const rows = rowsOf({
    f32: [kernel("relu", 4e12), kernel("convolve", 8e12, { flops: 6e13, measured: 3 }), kernel("relu", 4e12)],
    f16: [kernel("relu", 2e12), kernel("convolve", 4e12, { flops: 6e13 }), kernel("pack", 4e12)],
  });
  assert.deepEqual(
    rows.map(({ kernel, runs, flops, f32, f16 }) => ({ kernel, runs, flops, f32, f16 })),
    [
      {
        ...{ kernel: "relu", runs: 2, flops: 0, f32: { bytes: 8e12, least: 2, measured: undefined } },
        f16: { bytes: 2e12, least: 0.5, measured: undefined },
      },
      {
        ...{ kernel: "convolve", runs: 1, flops: 6e13, f32: { bytes: 8e12, least: 2, measured: 3 } },
        f16: { bytes: 4e12, least: 1, measured: undefined },
      },
      {
        ...{ kernel: "pack", runs: 1, flops: 0, f32: undefined },
        f16: { bytes: 4e12, least: 1, measured: undefined },
      },
    ],
  );
  const { runs, flops, f32, f16 } = totalOf(rows);
  assert.deepEqual({ runs, flops }, { runs: 3, flops: 6e13 }, "what only f16 has is not counted");
  assert.deepEqual(f32, { bytes: 16e12, least: 4, measured: 3 });
  assert.deepEqual(f16, { bytes: 10e12, least: 2.5, measured: undefined });
});

test("PyTorch takes part if it sees a CUDA GPU; if not, the reason is said", (t) => {
  const settings = {
    ...{ batches: [128, 512], precisions: ["f32", "f16"], resize: 224, seconds: 1, warmUps: 2 },
    pytorchDevice: "cuda",
  };
  /** A Python whose imports end like this. */
  const python = (name: string, code: string) => {
    const path = join(temporaryFolder(t), name);
    writeFileSync(path, `#!/bin/sh\n${code}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const withCuda = contestants({ ...settings, python: python("cuda", "exit 0") }, "images");
  assert.equal(withCuda.missing, undefined);
  assert.deepEqual(
    withCuda.list.slice(0, 5).map(({ label }) => label),
    [
      "batch 128: nin-net, f32",
      "batch 128: nin-net, f16",
      "batch 128: PyTorch",
      "batch 128: PyTorch, images sent each step",
      "batch 128: PyTorch, autocast to f16",
    ],
  );
  assert.equal(withCuda.list.length, 10);
  const without = python("without", 'case "$2" in *is_available*) exit 1;; esac');
  const { list, missing } = contestants({ ...settings, python: without }, "images");
  assert.equal(missing, "PyTorch: the PyTorch that was found sees no CUDA GPU.");
  assert.equal(list.length, 4);
  const none = contestants({ ...settings, python: python("none", "exit 1") }, "images");
  assert.match(none.missing!, /^PyTorch: no Python with PyTorch was found; .*\.$/);
});
