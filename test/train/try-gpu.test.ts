import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "#src/base/tensor.js";
import { Linear } from "#src/nn/linear.js";
import { tryGpu } from "#src/train/try-gpu.js";

test("gives the CPU device, the one that calls without a device share, and says why", async () => {
  const lines: string[] = [];
  const device = await tryGpu({ log: (line) => lines.push(line) });
  assert.equal(device.kind, "cpu");
  assert.deepEqual(lines, [
    `No GPU: this version of nin-net has no GPU backend. Using ${device.description}.`,
  ]);
  assert.equal(await tryGpu({ log: () => {} }), device);

  const layer = new Linear(1, 1, { bias: false });
  layer.weight.data.set([2]);
  assert.deepEqual([...(await layer.forward(new Tensor([1, 1], Float32Array.of(3)))).data], [6]);
});
