import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleChannels } from "#nin-net/ops/scale-channels.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("multiplies each channel by its factor", () => {
  const y = scaleChannels(leaf([1, 1, 2, 2], [1, 2, 3, 4]), leaf([2], [10, 0.5]));
  assert.deepEqual([...run(y)], [10, 1, 30, 2]);
  assert.deepEqual([...run(scaleChannels(leaf([2], [1, 2]), leaf([2], [10, 20])))], [10, 40]);
});

test("refuses another number of factors", () => {
  refuses(
    () => scaleChannels(leaf([1, 2, 2, 3]), leaf([2])),
    "scaleChannels: got shape [2], expected [3], one factor a channel. Give as many factors as the last axis of x is long.",
  );
});
