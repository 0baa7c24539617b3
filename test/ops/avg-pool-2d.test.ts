import assert from "node:assert/strict";
import { test } from "node:test";
import { avgPool2d, avgPool2dGrad } from "#nin-net/ops/avg-pool-2d.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const attrs = { kernel: 3, stride: 2, padding: 1, countIncludePad: true };

test("the mean of each window; zeros of the padding count where asked", () => {
  // Windows of four rows, of which one holds pixels, begin at -2, 0, 2 and 4.
  const row = leaf([1, 1, 6, 1], [1, 2, 4, 8, 16, 32]);
  const pool = { kernel: 4, stride: 2, padding: 2, countIncludePad: true };
  const y = avgPool2d(row, pool);
  assert.deepEqual(y.type.shape, [1, 1, 4, 1]);
  assert.deepEqual([...run(y)], [3 / 16, 15 / 16, 60 / 16, 48 / 16]);
  const inside = run(avgPool2d(row, { ...pool, countIncludePad: false }));
  assert.deepEqual([...inside], [3 / 2, 15 / 4, 60 / 4, 48 / 2]);
});

test("rounded up, a last window is divided by what it has of image and padding", () => {
  const pool = { kernel: 2, stride: 2, padding: 0, ceilMode: true, countIncludePad: true };
  const y = avgPool2d(leaf([1, 2, 3, 1], [1, 2, 3, 5, 6, 7]), pool);
  assert.deepEqual(y.type.shape, [1, 1, 2, 1]);
  assert.deepEqual([...run(y)], [14 / 4, 10 / 2]);
});

test("each mean's gradient is shared out evenly, and windows that overlap add up", () => {
  const pool = { kernel: 2, stride: 1, padding: 0, countIncludePad: true };
  const dx = avgPool2dGrad(leaf([1, 1, 2, 1], [4, 40]), { ...pool, height: 2, width: 3 });
  assert.deepEqual([...run(dx)], [1, 11, 10, 1, 11, 10]);
});

test("refuses what does not fit", () => {
  const x = leaf([1, 4, 4, 1]);
  refuses(
    () => avgPool2d(x, { ...attrs, kernel: 7, padding: 1 }),
    "avgPool2d: got 4 pixels with padding 1, expected at least 7, the kernel's size. Use a larger image, a smaller kernel or more padding.",
  );
  refuses(
    () => avgPool2d(x, { ...attrs, kernel: 6, padding: 0, ceilMode: true }),
    "avgPool2d: got 4 pixels with padding 0, expected at least 5, the kernel's size 6 less stride 2 and one. Use a larger image, a smaller kernel or more padding.",
  );
  refuses(
    () => avgPool2d(x, { ...attrs, padding: 2 }),
    "avgPool2d: got padding 2, expected at most 1, half of kernel 3. Use less padding, so that every window holds a pixel.",
  );
  refuses(
    () => avgPool2dGrad(leaf([1, 3, 3, 1]), { ...attrs, height: 4, width: 4 }),
    "avgPool2dGrad: got shape [1, 3, 3, 1], expected [1, 2, 2, 1], the shape of the pooled maps. Give inputs that belong together.",
  );
});
