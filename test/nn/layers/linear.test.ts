import assert from "node:assert/strict";
import { test } from "node:test";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { run } from "../run.js";

test("x W^T + b, worked by hand", async () => {
  const layer = new Linear(3, 2);
  layer.weight.data = Float32Array.of(1, 2, 3, 10, 20, 30);
  layer.bias!.data = Float32Array.of(0.5, -0.5);
  const y = await run(layer, [2, 3], [1, 1, 1, 0, 0, 2]);
  assert.deepEqual(y.shape, [2, 2]);
  assert.deepEqual([...y.data], [6.5, 59.5, 6.5, 59.5]);
});

test("after Flatten it weighs channels first, as PyTorch's weights expect", async () => {
  const layer = new Linear(4, 1, { bias: false });
  layer.weight.data = Float32Array.of(1, 10, 100, 1000);
  // [1, 2, 1, 2]: channel 0 is 1, 2; channel 1 is 3, 4.
  const y = await run(new Sequential(new Flatten(), layer), [1, 2, 1, 2], [1, 2, 3, 4]);
  assert.deepEqual([...y.data], [4321]);
});

test("refuses other features and images", () => {
  const layer = new Linear(3, 2);
  assert.throws(() => layer.outputShape([1, 4]), {
    message:
      "Linear: got shape [1, 4], expected [N, 3]. Make the layer with inFeatures 4, or give it as many features as it takes.",
  });
  assert.throws(
    () => layer.outputShape([1, 3, 1, 1]),
    /Linear: got shape .* Put a Flatten layer before it\./,
  );
  assert.throws(() => new Linear(0, 2), /Linear: got inFeatures 0/);
});
