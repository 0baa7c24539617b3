import assert from "node:assert/strict";
import { test } from "node:test";
import { input } from "#nin-net/graph/node.js";
import { expand } from "#nin-net/ops/expand.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("fills a shape with one number", () => {
  const y = expand(leaf([1], [7]), leaf([2, 2]));
  assert.deepEqual(y.type.shape, [2, 2]);
  assert.deepEqual([...run(y)], [7, 7, 7, 7]);
});

test("takes the phase of the tensor it is shaped like, and gives floats for bytes", () => {
  const y = expand(leaf([1]), input("images", [3, 4], "u8", "slice"));
  assert.equal(y.phase, "slice");
  assert.equal(y.type.dtype, "f32");
});

test("refuses several numbers", () => {
  refuses(
    () => expand(leaf([2]), leaf([2])),
    "expand: got shape [2], expected [1], the shape of one number. Give inputs that belong together.",
  );
});
