import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "#nin-net/core/tensor.js";

test("keeps shape and values", () => {
  const x = new Tensor([2, 1], Float32Array.of(3, 4));
  assert.deepEqual(x.shape, [2, 1]);
  assert.deepEqual([...x.reshape([1, 2]).data], [3, 4]);
  assert.deepEqual([...Tensor.zeros([2, 2]).data], [0, 0, 0, 0]);
});

test("refuses values that do not fill the shape", () => {
  assert.throws(() => new Tensor([2, 3], new Float32Array(5)), {
    name: "ShapeError",
    message:
      "Tensor: got 5 values for shape [2, 3], expected 6 values. Give as many values as the shape has elements.",
  });
});

test("refuses lengths below zero or with a fraction", () => {
  for (const length of [-1, 1.5, Number.NaN]) {
    assert.throws(() => Tensor.zeros([2, length]), /expected whole numbers of at least 0/);
  }
});

test("refuses to reshape to another number of elements", () => {
  assert.throws(() => Tensor.zeros([2, 3]).reshape([4]), {
    message: /Tensor.reshape: got shape \[4\], expected a shape of 6 elements, as \[2, 3\] has/,
  });
});

test("random values are in [0, 1), the same for a seed, others for another", () => {
  const x = Tensor.random([1, 1, 20, 20], 7);
  assert.ok(x.data.every((value) => value >= 0 && value < 1));
  assert.deepEqual(x.data, Tensor.random([1, 1, 20, 20], 7).data);
  assert.notDeepEqual(x.data, Tensor.random([1, 1, 20, 20], 8).data);
});
