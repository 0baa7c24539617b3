import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "#nin-net/core/tensor.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { tryGpu } from "#nin-net/train/try-gpu.js";

test("gives the GPU or, with the reason, the CPU: the device that calls without one share", async () => {
  const lines: string[] = [];
  const device = await tryGpu({ log: (line) => lines.push(line) });
  if (device.kind === "gpu") assert.deepEqual(lines, []);
  else {
    assert.equal(device.kind, "cpu");
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^(?:There is no GPU|The package webgpu) .+\. Using cpu \(WebAssembly, .+\)\.$/);
    assert.ok(lines[0]!.endsWith(`Using ${device.description}.`));
  }
  assert.equal(await tryGpu({ log: () => {} }), device);

  const layer = new Linear(1, 1, { bias: false });
  layer.weight.data.set([2]);
  assert.deepEqual([...(await layer.forward(new Tensor([1, 1], Float32Array.of(3)))).data], [6]);
});
