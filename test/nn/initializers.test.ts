import assert from "node:assert/strict";
import { test } from "node:test";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Linear } from "#nin-net/nn/layers/linear.js";

test("the same seed and order give the same layers; layers differ from each other", () => {
  const pair = (seed: number): readonly [Linear, Linear] => {
    manualSeed(seed);
    return [new Linear(4, 4), new Linear(4, 4)];
  };
  const [a, b] = pair(5);
  const [again] = pair(5);
  const [other] = pair(6);
  assert.deepEqual(a.weight.data, again.weight.data);
  assert.notDeepEqual(a.weight.data, b.weight.data);
  assert.notDeepEqual(a.weight.data, other.weight.data);
});

test("values of another length are refused", () => {
  assert.throws(() => {
    new Linear(2, 2).weight.data = new Float32Array(3);
  }, /parameter weight: got 3 values, expected 4, as shape \[2, 2\] has/);
});
