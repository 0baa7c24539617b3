import assert from "node:assert/strict";
import { test } from "node:test";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { run } from "../run.js";

test("one window: the mean of each channel", async () => {
  const y = await run(new AdaptiveAvgPool2d([1, 1]), [1, 2, 1, 2], [1, 3, 10, 30]);
  assert.deepEqual(y.shape, [1, 2, 1, 1]);
  assert.deepEqual([...y.data], [2, 20]);
});

test("windows overlap where the sizes do not divide, as in PyTorch", async () => {
  // 3 pixels into 2: pixels 0 to 1 and 1 to 2.
  const y = await run(new AdaptiveAvgPool2d([1, 2]), [1, 1, 1, 3], [1, 2, 6]);
  assert.deepEqual([...y.data], [1.5, 4]);
  assert.deepEqual(new AdaptiveAvgPool2d(3).outputShape([2, 5, 7, 7]), [2, 5, 3, 3]);
});

test("refuses sizes below 1 and shapes that are no images", () => {
  assert.throws(() => new AdaptiveAvgPool2d([1, 0]), /AdaptiveAvgPool2d: got outputSize 0/);
  assert.throws(() => new AdaptiveAvgPool2d(1).outputShape([2, 5]), /expected \[N, C, H, W\]/);
});
