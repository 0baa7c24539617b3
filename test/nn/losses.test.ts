import assert from "node:assert/strict";
import { test } from "node:test";
import {
  balancedWeights,
  crossEntropy,
  smoothedCrossEntropy,
  weightedCrossEntropy,
} from "#nin-net/nn/losses.js";
import { checkGradient } from "../ops/check-gradient.js";
import { leaf, run } from "../ops/run.js";

const logits = leaf([2, 3], [1, 2, -1, 0.5, 0.25, 3]);
const labels = leaf([2], [1, 0], "u8");

test("cross-entropy of each image", () => {
  const [first, second] = run(crossEntropy(logits, labels));
  assert.ok(Math.abs(first! - Math.log(Math.exp(-1) + 1 + Math.exp(-3))) < 1e-12);
  assert.ok(Math.abs(second! - Math.log(1 + Math.exp(-0.25) + Math.exp(2.5))) < 1e-12);
});

test("label smoothing is PyTorch's", () => {
  // torch 1.13: functional.cross_entropy(x, y, reduction="none", label_smoothing=s) in float64
  const expected = new Map([
    [0.1, [0.4823455501015197, 2.5612888397222626]],
    [0.3, [0.7490122167681863, 2.4112888397222623]],
  ]);
  for (const [smoothing, want] of expected) {
    const got = run(smoothedCrossEntropy(smoothing)(logits, labels));
    want.forEach((value, n) => {
      assert.ok(Math.abs(got[n]! - value) < 1e-12, `${smoothing}: ${got[n]}, PyTorch's ${value}`);
    });
  }
  assert.deepEqual(run(smoothedCrossEntropy(0)(logits, labels)), run(crossEntropy(logits, labels)));
});

test("weights of classes are PyTorch's, with label smoothing too", () => {
  // torch 1.13: cross_entropy(x, y, weight=w, label_smoothing=s, reduction="none") in float64
  const weights = leaf([3], [0.5, 2, 1.25]);
  const expected = new Map([
    [0, [0.6980244335363727, 1.3181444198611314]],
    [0.1, [0.8135151839454253, 1.428366082840301]],
    [0.3, [1.0444966847635306, 1.6488094087986402]],
  ]);
  for (const [smoothing, want] of expected) {
    const got = run(weightedCrossEntropy({ weights, sum: 3.75, smoothing })(logits, labels));
    want.forEach((value, n) => {
      assert.ok(Math.abs(got[n]! - value) < 1e-12, `${smoothing}: ${got[n]}, PyTorch's ${value}`);
    });
  }
});

test("balanced weights: images / (classes * images of the class)", () => {
  assert.deepEqual(balancedWeights([0, 1, 0, 0], 2), [4 / 6, 2]);
  assert.deepEqual(balancedWeights([0, 0], 2), [0.5, 0]);
});

test("gradients match central differences", () => {
  checkGradient(smoothedCrossEntropy(0.2)(logits, labels), [logits]);
  const weights = leaf([3], [0.5, 2, 1.25]);
  checkGradient(weightedCrossEntropy({ weights, sum: 3.75, smoothing: 0.2 })(logits, labels), [logits]);
});
