import assert from "node:assert/strict";
import { test } from "node:test";
import { answersOf } from "#nin-cli/compare/answers.js";

test("the highest score is the answer, the first of equal ones; its probability is the softmax's", () => {
  const scores = Float32Array.of(0, Math.log(3), 2, 2, 5, 1);
  const { classes, probabilities, right } = answersOf(scores, Uint8Array.of(1, 1, 0));
  assert.deepEqual([...classes], [1, 0, 0]);
  assert.equal(right, 2);
  assert.ok(Math.abs(probabilities[0]! - 0.75) < 1e-6);
  assert.equal(probabilities[1], 0.5);
});
