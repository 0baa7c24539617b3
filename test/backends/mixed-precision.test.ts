import assert from "node:assert/strict";
import { test } from "node:test";
import { gradientNodes, gradientScale, resultNodes } from "#nin-net/backends/webgpu/mixed-precision.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { gradientSeed, input, state, topologicalOrder } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";

test("16 bits hold the gradients of NiN in full, with room above them", () => {
  // As node bench/gradients.mjs shows them, of the mean loss of 128 images.
  const [smallest, largest] = [8e-10, 4.2e-3];
  const scale = gradientScale(128);
  assert.ok(smallest * scale > 2 ** -14, "smaller numbers have fewer digits");
  assert.ok(largest * scale < 65504 / 16, "larger ones become the largest there is");
  // Half as many images have gradients twice as large.
  assert.equal(gradientScale(64), scale / 2);
});

test("gradients are what depends on the seed of the loss's gradient, whatever the loss", () => {
  const x = input("x", [2, 1, 1, 4], "f32", "slice");
  const w = state("w", [1, 1, 4, 4]);
  const forward = ops.conv2d(x, w, { stride: 1, padding: 0 });
  const seed = gradientSeed("seed", [1]);
  const loss = ops.sumAll(definePointwise("huber", (y) => y.mul(y).add(1).sqrt())(ops.relu(forward)));
  const [dx, dw] = gradients(loss, [x, w], seed);
  const found = gradientNodes(topologicalOrder([loss, dx!, dw!]));
  for (const node of [seed, dx!, dw!]) assert.ok(found.has(node));
  for (const node of [x, w, forward, loss]) assert.ok(!found.has(node));
  // The seed, for each element, times the loss's slope, through the ReLU, and with respect to x and w.
  assert.equal(found.size, 6);
});

test("results stay float32, and so does what they are views or sums over slices of", () => {
  const x = ops.relu(input("x", [2, 1, 1, 4], "f32", "slice"));
  const doubled = ops.add(x, x);
  const view = ops.reshape(doubled, { shape: [2, 4] });
  const sum = ops.sumSlices(view);
  assert.deepEqual([...resultNodes({ outputs: { sum }, updates: new Map() })], [sum, view, doubled]);
});
