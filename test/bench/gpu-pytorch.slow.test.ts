import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../cli/run-nin.js";
import { loadBench } from "./load-bench.js";

const { contestants } = await loadBench("gpu/contestants");
const { race } = await loadBench("race");

/** Debian's, where `python3-torch` is. */
const python = "/usr/bin/python3";
const skip =
  spawnSync(python, ["-c", "import torch"]).status !== 0 &&
  `${python} has no PyTorch (Debian: apt-get install python3-torch)`;

test("PyTorch's ways to train take part as on a GPU, here on the CPU", { skip }, async (t) => {
  const images = join(temporaryFolder(t), "images");
  // Grey images of class 3.
  writeFileSync(images, Buffer.concat([Buffer.alloc(784 * 2, 128), Buffer.alloc(2, 3)]));
  const settings = {
    ...{ batches: [2], precisions: [], resize: 67, seconds: 0, warmUps: 0 },
    ...{ pytorchDevice: "cpu", python },
  };
  const { rows, failed } = await race(contestants(settings, images).list, 1, () => {});
  assert.deepEqual(failed, []);
  assert.deepEqual(
    rows.map(({ name, unit, measurements, median }) => ({ name, unit, measurements, isSpeed: median > 0 })),
    ["PyTorch", "PyTorch, images sent each step", "PyTorch, autocast to f16"].map((name) => ({
      ...{ name, unit: "imagesPerSecond", measurements: 1, isSpeed: true },
    })),
  );
  for (const { device } of rows) assert.match(device, /^PyTorch \d/);
});
