import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adaptiveAvgPool2d,
  adaptiveAvgPool2dGrad,
  adaptiveWindows,
} from "#nin-net/ops/adaptive-avg-pool-2d.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("one pixel is the mean of each channel", () => {
  const y = adaptiveAvgPool2d(leaf([1, 1, 2, 2], [1, 10, 3, 30]), { height: 1, width: 1 });
  assert.deepEqual(y.type.shape, [1, 1, 1, 2]);
  assert.deepEqual([...run(y)], [2, 20]);
});

test("windows overlap where the count does not divide the length, as PyTorch has them", () => {
  assert.deepEqual(adaptiveWindows(5, 3), [
    { start: 0, end: 2, size: 2 },
    { start: 1, end: 4, size: 3 },
    { start: 3, end: 5, size: 2 },
  ]);
  assert.deepEqual(adaptiveWindows(1, 2), [
    { start: 0, end: 1, size: 1 },
    { start: 0, end: 1, size: 1 },
  ]);
  const y = adaptiveAvgPool2d(leaf([1, 1, 5, 1], [1, 2, 4, 6, 10]), { height: 1, width: 3 });
  assert.deepEqual(
    [...run(y)].map((value) => value.toFixed(12)),
    [1.5, 4, 8].map((value) => value.toFixed(12)),
  );
});

test("each average's gradient is shared out evenly", () => {
  const dx = adaptiveAvgPool2dGrad(leaf([1, 1, 1, 1], [8]), { height: 2, width: 2 });
  assert.deepEqual([...run(dx)], [2, 2, 2, 2]);
});

test("refuses a size that is not a number of pixels", () => {
  refuses(
    () => adaptiveAvgPool2d(leaf([1, 2, 2, 1]), { height: 0, width: 1 }),
    "adaptiveAvgPool2d: got height 0, expected a whole number of at least 1. Give a height that counts pixels.",
  );
  refuses(
    () => adaptiveAvgPool2dGrad(leaf([2, 2]), { height: 1, width: 1 }),
    "adaptiveAvgPool2dGrad: got shape [2, 2], expected [N, H, W, C]. Give feature maps with four axes.",
  );
});
