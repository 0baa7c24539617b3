import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "#nin-net/graph/op.js";
import { sumAll } from "#nin-net/ops/sum-all.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("sums everything", () => {
  const y = sumAll(leaf([2, 2], [1, 2, 3, 4]));
  assert.deepEqual(y.type.shape, [1]);
  assert.deepEqual([...run(y)], [10]);
  assert.equal(costOf(y).flops, 4);
});

test("refuses bytes", () => {
  refuses(
    () => sumAll(leaf([2], [1, 2], "u8")),
    "sumAll: got u8 values, expected f32 values. Convert bytes with fromBytes.",
  );
});
