import assert from "node:assert/strict";
import { test } from "node:test";
import { linear } from "#nin-net/ops/composites/linear.js";
import { checkGradient } from "../check-gradient.js";
import { refuses } from "../refuses.js";
import { leaf, run } from "../run.js";

test("is the matrix product", () => {
  const y = linear(leaf([2, 2], [1, 2, 3, 4]), leaf([2, 3], [1, 2, 3, 10, 20, 30]));
  assert.deepEqual(y.type.shape, [2, 3]);
  assert.deepEqual([...run(y)], [21, 42, 63, 43, 86, 129]);
});

test("gradients match central differences", () => {
  const [x, w] = [leaf([3, 4]), leaf([4, 2])];
  checkGradient(linear(x, w), [x, w]);
});

test("refuses what does not fit", () => {
  refuses(
    () => linear(leaf([2, 3]), leaf([4, 2])),
    "linear: got shape [2, 3], expected [N, 4], since the weights take 4 features. Give the input as many features as the weights take.",
  );
  refuses(
    () => linear(leaf([2, 2, 3]), leaf([3, 2])),
    "linear: got shape [2, 2, 3], expected [N, I]. Give a matrix with two axes.",
  );
});
