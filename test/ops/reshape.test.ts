import assert from "node:assert/strict";
import { test } from "node:test";
import { reshape } from "#nin-net/ops/reshape.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("keeps the order of the elements, and their type", () => {
  const y = reshape(leaf([2, 3], [1, 2, 3, 4, 5, 6], "u8"), { shape: [3, 2] });
  assert.deepEqual(y.type, { shape: [3, 2], dtype: "u8" });
  assert.deepEqual([...run(y)], [1, 2, 3, 4, 5, 6]);
});

test("refuses another number of elements", () => {
  refuses(
    () => reshape(leaf([2, 3]), { shape: [4] }),
    "reshape: got shape [2, 3], expected 4 elements, as [4] has. Ask for a shape with as many elements as x.",
  );
});
