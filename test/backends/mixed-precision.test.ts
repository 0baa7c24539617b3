import assert from "node:assert/strict";
import { test } from "node:test";
import { gradientNodes, gradientScale, resultNodes } from "#nin-net/backends/webgpu/mixed-precision.js";
import { input, topologicalOrder } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

test("16 bits hold the gradients of NiN in full, with room above them", () => {
  // As node bench/gradients.mjs shows them, of the mean loss of 128 images.
  const [smallest, largest] = [8e-10, 4.2e-3];
  const scale = gradientScale(128);
  assert.ok(smallest * scale > 2 ** -14, "smaller numbers have fewer digits");
  assert.ok(largest * scale < 65504 / 16, "larger ones become the largest there is");
  // Half as many images have gradients twice as large.
  assert.equal(gradientScale(64), scale / 2);
});

test("gradients begin where an op says that it is the gradient of a loss", () => {
  const logits = input("logits", [2, 3], "f32", "slice");
  const forward = ops.relu(logits);
  const ofLoss = ops.crossEntropyGrad(
    forward,
    input("labels", [2], "u8", "slice"),
    input("dy", [2], "f32", "slice"),
  );
  const behind = ops.reluGrad(ofLoss, forward);
  assert.deepEqual([...gradientNodes(topologicalOrder([behind]))], [ofLoss, behind]);
});

test("results stay float32, and so does what they are views or sums over slices of", () => {
  const x = ops.relu(input("x", [2, 1, 1, 4], "f32", "slice"));
  const doubled = ops.add(x, x);
  const view = ops.reshape(doubled, { shape: [2, 4] });
  const sum = ops.sumSlices(view);
  assert.deepEqual([...resultNodes({ outputs: { sum }, updates: new Map() })], [sum, view, doubled]);
});
