import assert from "node:assert/strict";
import { test } from "node:test";
import { AvgPool2d } from "#nin-net/nn/layers/avg-pool-2d.js";
import { run } from "../run.js";

test("the mean of each window", async () => {
  const y = await run(new AvgPool2d(2), [1, 1, 2, 4], [1, 2, 3, 4, 8, 7, 6, 5]);
  assert.deepEqual(y.shape, [1, 1, 1, 2]);
  assert.deepEqual([...y.data], [4.5, 4.5]);
  assert.deepEqual(new AvgPool2d(2).outputShape([3, 6, 28, 28]), [3, 6, 14, 14]);
});

test("refuses images that windows do not fill", () => {
  assert.throws(() => new AvgPool2d(2).outputShape([1, 1, 5, 4]), {
    name: "ShapeError",
    message:
      "AvgPool2d: got shape [1, 1, 5, 4], expected height and width that are multiples of 2, the kernel's size. " +
      "Resize the images, or use AdaptiveAvgPool2d.",
  });
  assert.throws(() => new AvgPool2d(0), /AvgPool2d: got kernelSize 0/);
});
