import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleBy } from "#nin-net/ops/scale-by.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("multiplies every element by one number", () => {
  assert.deepEqual([...run(scaleBy(leaf([3], [1, 2, 3]), leaf([1], [0.5])))], [0.5, 1, 1.5]);
});

test("refuses several factors", () => {
  refuses(
    () => scaleBy(leaf([3]), leaf([3])),
    "scaleBy: got shape [3], expected [1], the shape of one factor. Give inputs that belong together.",
  );
});
