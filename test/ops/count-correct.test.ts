import assert from "node:assert/strict";
import { test } from "node:test";
import { countCorrect } from "#nin-net/ops/count-correct.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("is 1 where the label's score is largest; the first of equal scores counts", () => {
  const logits = leaf([4, 3], [1, 5, 2, 1, 5, 2, 4, 4, 0, 4, 4, 0]);
  assert.deepEqual([...run(countCorrect(logits, leaf([4], [1, 2, 0, 1], "u8")))], [1, 0, 1, 0]);
});

test("refuses labels that are no bytes", () => {
  refuses(
    () => countCorrect(leaf([2, 3]), leaf([2])),
    "countCorrect: got f32 values, expected u8 values. Give an input of type u8.",
  );
});
