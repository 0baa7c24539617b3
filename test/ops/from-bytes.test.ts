import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBytes } from "#nin-net/ops/from-bytes.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("maps 0..255 to 0..1", () => {
  const y = fromBytes(leaf([3], [0, 51, 255], "u8"));
  assert.deepEqual(y.type, { shape: [3], dtype: "f32" });
  assert.deepEqual([...run(y)], [0, 0.2, 1]);
});

test("refuses floats", () => {
  refuses(
    () => fromBytes(leaf([3])),
    "fromBytes: got f32 values, expected u8 values. Give an input of type u8.",
  );
});
