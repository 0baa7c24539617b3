import assert from "node:assert/strict";
import { test } from "node:test";
import { oneHot } from "#nin-net/ops/one-hot.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("1 at the place of the label", () => {
  const y = oneHot(leaf([2], [2, 0], "u8"), leaf([2, 3]));
  assert.deepEqual([...run(y)], [0, 0, 1, 1, 0, 0]);
});

test("refuses labels for another number of images", () => {
  refuses(
    () => oneHot(leaf([3], [0, 0, 0], "u8"), leaf([2, 3])),
    "oneHot: got shape [3], expected [2], the shape of one label an image. Give inputs that belong together.",
  );
});
