import assert from "node:assert/strict";
import { test } from "node:test";
import { add } from "#nin-net/ops/add.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("adds element by element", () => {
  assert.deepEqual([...run(add(leaf([2], [1, 2]), leaf([2], [10, 20])))], [11, 22]);
});

test("refuses different shapes", () => {
  refuses(
    () => add(leaf([2, 1]), leaf([1, 2])),
    "add: got shape [1, 2], expected [2, 1], the shape of the first input. Give both inputs the same shape.",
  );
});
