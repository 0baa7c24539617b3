import assert from "node:assert/strict";
import { test } from "node:test";
import { bilinearBlends, resizeBilinear, resizeBilinearGrad } from "#nin-net/ops/resize-bilinear.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("interpolates between pixel centres and continues the edges", () => {
  const y = resizeBilinear(leaf([1, 1, 2, 1], [0, 8]), { height: 1, width: 4 });
  assert.deepEqual([...run(y)], [0, 2, 6, 8]);
});

test("works along both axes", () => {
  const y = resizeBilinear(leaf([1, 2, 2, 1], [0, 8, 80, 88]), { height: 4, width: 2 });
  assert.deepEqual([...run(y)], [0, 8, 20, 28, 60, 68, 80, 88]);
});

test("keeps an image of the same size, and halves by the mean of two", () => {
  const x = leaf([1, 1, 4, 1], [1, 3, 5, 9]);
  assert.deepEqual([...run(resizeBilinear(x, { height: 1, width: 4 }))], [1, 3, 5, 9]);
  assert.deepEqual([...run(resizeBilinear(x, { height: 1, width: 2 }))], [2, 7]);
});

test("eight times as many pixels lie at odd sixteenths between the centres", () => {
  const blends = bilinearBlends(28, 224);
  assert.deepEqual(blends[4], { low: 0, high: 1, fraction: 1 / 16 });
  assert.deepEqual(blends[11], { low: 0, high: 1, fraction: 15 / 16 });
  assert.deepEqual(blends[0], { low: 0, high: 1, fraction: 0 });
  assert.deepEqual(blends[223], { low: 27, high: 27, fraction: 0 });
});

test("the gradient goes back to the pixels it was made of", () => {
  const dx = resizeBilinearGrad(leaf([1, 1, 4, 1], [1, 4, 40, 100]), { height: 1, width: 2 });
  assert.deepEqual([...run(dx)], [1 + 3 + 10, 1 + 30 + 100]);
});

test("refuses a size that is not a number of pixels", () => {
  refuses(
    () => resizeBilinear(leaf([1, 2, 2, 1]), { height: 2, width: 1.5 }),
    "resizeBilinear: got width 1.5, expected a whole number of at least 1. Give a width that counts pixels.",
  );
});
