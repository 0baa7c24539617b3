import assert from "node:assert/strict";
import { test } from "node:test";
import { crossEntropy, crossEntropyGrad } from "#nin-net/ops/cross-entropy.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const labels = (...values: number[]) => leaf([values.length], values, "u8");

test("equal scores cost the logarithm of the number of classes", () => {
  const y = crossEntropy(leaf([1, 4], [3, 3, 3, 3]), labels(2));
  assert.deepEqual(y.type, { shape: [1], dtype: "f32" });
  assert.ok(Math.abs(run(y)[0]! - Math.log(4)) < 1e-15);
});

test("is minus the logarithm of the label's probability", () => {
  // exp: 1, 2, 5 and 4, 4, 2: probabilities 5/8 and 4/10.
  const logits = leaf([2, 3], [0, Math.log(2), Math.log(5), Math.log(4), Math.log(4), Math.log(2)]);
  const [first, second] = run(crossEntropy(logits, labels(2, 0)));
  assert.ok(Math.abs(first! - Math.log(8 / 5)) < 1e-14);
  assert.ok(Math.abs(second! - Math.log(10 / 4)) < 1e-14);
});

test("scores of any size do not overflow", () => {
  assert.deepEqual([...run(crossEntropy(leaf([2, 2], [1000, 0, -1000, 0]), labels(1, 1)))], [1000, 0]);
});

test("the gradient is probability minus target, times the gradient of the image's loss", () => {
  const logits = leaf([1, 3], [0, Math.log(2), Math.log(5)]);
  const dx = run(crossEntropyGrad(logits, labels(1), leaf([1], [8])));
  [1, 2 - 8, 5].forEach((want, i) => {
    assert.ok(Math.abs(dx[i]! - want) < 1e-14, `${dx[i]} for ${want}`);
  });
});

test("refuses what does not fit", () => {
  refuses(
    () => crossEntropy(leaf([2, 3]), leaf([2])),
    "crossEntropy: got f32 values, expected u8 values. Give an input of type u8.",
  );
  refuses(
    () => crossEntropy(leaf([2, 3]), labels(1, 2, 0)),
    "crossEntropy: got shape [3], expected [2], the shape of one label an image. Give inputs that belong together.",
  );
  refuses(
    () => crossEntropy(leaf([2, 1, 1, 3]), labels(1, 2)),
    "crossEntropy: got shape [2, 1, 1, 3], expected [N, K]. Give one row of class scores an image.",
  );
  refuses(
    () => crossEntropyGrad(leaf([2, 3]), labels(1, 2), leaf([1])),
    "crossEntropyGrad: got shape [1], expected [2], the shape of the losses. Give inputs that belong together.",
  );
});
