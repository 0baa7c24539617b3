import assert from "node:assert/strict";
import { test } from "node:test";
import { mul } from "#nin-net/ops/mul.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("multiplies element by element", () => {
  assert.deepEqual([...run(mul(leaf([2], [3, 4]), leaf([2], [10, 20])))], [30, 80]);
});

test("refuses different shapes", () => {
  refuses(
    () => mul(leaf([2, 1]), leaf([2])),
    "mul: got shape [2], expected [2, 1], the shape of the first input. Give both inputs the same shape.",
  );
});
