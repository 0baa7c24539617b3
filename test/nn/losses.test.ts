import assert from "node:assert/strict";
import { test } from "node:test";
import { crossEntropy, smoothedCrossEntropy } from "#nin-net/nn/losses.js";
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

test("gradients match central differences", () => {
  checkGradient(smoothedCrossEntropy(0.2)(logits, labels), [logits]);
});
