import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "#nin-net/graph/op.js";
import { addBias, sumPixels } from "#nin-net/ops/add-bias.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("adds one number a channel", () => {
  const y = addBias(leaf([1, 1, 2, 2], [1, 2, 3, 4]), leaf([2], [10, 20]));
  assert.deepEqual([...run(y)], [11, 22, 13, 24]);
  assert.deepEqual([...run(addBias(leaf([2], [1, 2]), leaf([2], [10, 20])))], [11, 22]);
});

test("sums each channel over images and pixels", () => {
  const y = sumPixels(leaf([2, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
  assert.deepEqual(y.type.shape, [2]);
  assert.deepEqual([...run(y)], [16, 20]);
  assert.deepEqual([...run(sumPixels(leaf([2], [1, 2])))], [1, 2]);
  assert.equal(costOf(y).flops, 8);
});

test("refuses a bias of another length, and a number without channels", () => {
  refuses(
    () => addBias(leaf([1, 2, 2, 3]), leaf([2])),
    "addBias: got shape [2], expected [3], one number a channel. Give a bias as long as the last axis of x.",
  );
  refuses(
    () => sumPixels(leaf([])),
    "sumPixels: got shape [], expected [..., C]. Give a tensor with a channel axis.",
  );
});
