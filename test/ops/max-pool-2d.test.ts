import assert from "node:assert/strict";
import { test } from "node:test";
import { maxPool2d, maxPool2dGrad, maxPool2dIndex } from "#nin-net/ops/max-pool-2d.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const attrs = { kernel: 3, stride: 2, padding: 0 };

test("takes the largest value of each window, and where it stands", () => {
  const x = leaf([1, 3, 5, 1], [1, 2, 3, 4, 5, 6, 9, 7, 8, 6, 0, 1, 2, 3, 8.5]);
  const y = maxPool2d(x, attrs);
  assert.deepEqual(y.type, { shape: [1, 1, 2, 1], dtype: "f32" });
  assert.deepEqual([...run(y)], [9, 8.5]);
  const index = maxPool2dIndex(x, attrs);
  assert.deepEqual(index.type, { shape: [1, 1, 2, 1], dtype: "u8" });
  assert.deepEqual([...run(index)], [4, 8]);
});

test("the first of equal values wins", () => {
  const x = leaf([1, 2, 2, 1], [5, 5, 5, 5]);
  assert.deepEqual([...run(maxPool2dIndex(x, { kernel: 2, stride: 2, padding: 0 }))], [0]);
});

test("padding never wins, even over values far below zero", () => {
  const x = leaf([1, 1, 1, 2], [-5, Number.NEGATIVE_INFINITY]);
  const padded = { kernel: 3, stride: 1, padding: 1 };
  assert.deepEqual([...run(maxPool2d(x, padded))], [-5, Number.NEGATIVE_INFINITY]);
  assert.deepEqual([...run(maxPool2dIndex(x, padded))], [4, 4]);
});

test("NaN counts as largest", () => {
  const x = leaf([1, 1, 3, 1], [7, Number.NaN, 9]);
  assert.deepEqual([...run(maxPool2d(x, { kernel: 1, stride: 1, padding: 0 }))], [7, Number.NaN, 9]);
  const row = leaf([1, 2, 2, 1], [7, Number.NaN, 9, 1]);
  assert.deepEqual([...run(maxPool2d(row, { kernel: 2, stride: 1, padding: 0 }))], [Number.NaN]);
});

test("overlapping windows add their gradients at a shared maximum", () => {
  const x = leaf([1, 1, 5, 1], [0, 0, 9, 1, 0]);
  const pool = { kernel: 3, stride: 2, padding: 1 };
  const index = maxPool2dIndex(x, pool); // windows start at -1, 1, 3
  assert.deepEqual([...run(index)], [4, 4, 3]);
  const dx = maxPool2dGrad(leaf([1, 1, 3, 1], [1, 10, 100]), index, { ...pool, height: 1, width: 5 });
  assert.deepEqual([...run(dx)], [1, 0, 10, 100, 0]);
  const shared = maxPool2dIndex(leaf([1, 1, 4, 1], [0, 9, 0, 0]), { kernel: 3, stride: 1, padding: 1 });
  const sharedDx = maxPool2dGrad(leaf([1, 1, 4, 1], [1, 10, 100, 1000]), shared, {
    kernel: 3,
    stride: 1,
    padding: 1,
    height: 1,
    width: 4,
  });
  assert.deepEqual([...run(sharedDx)], [0, 111, 1000, 0]);
});

test("refuses what does not fit", () => {
  const x = leaf([1, 4, 4, 1]);
  refuses(
    () => maxPool2d(x, { kernel: 5, stride: 1, padding: 0 }),
    "maxPool2d: got 4 pixels with padding 0, expected at least 5, the kernel's size. Use a larger image, a smaller kernel or more padding.",
  );
  refuses(
    () => maxPool2d(x, { kernel: 3, stride: 1, padding: 2 }),
    "maxPool2d: got padding 2, expected at most 1, half of kernel 3. Use less padding, so that every window holds a pixel.",
  );
  refuses(
    () => maxPool2dIndex(x, { kernel: 17, stride: 1, padding: 8 }),
    "maxPool2dIndex: got kernel 17, expected 1 to 16. Pool twice with smaller kernels.",
  );
  refuses(
    () => maxPool2d(x, { kernel: 0, stride: 1, padding: 0 }),
    "maxPool2d: got kernel 0, expected a whole number of at least 1. Give a kernel that counts pixels.",
  );
  const grad = { kernel: 2, stride: 2, padding: 0, height: 4, width: 4 };
  refuses(
    () => maxPool2dGrad(leaf([1, 2, 2, 1]), leaf([1, 2, 2, 1]), grad),
    "maxPool2dGrad: got f32 values, expected u8 values. Give an input of type u8.",
  );
  refuses(
    () => maxPool2dGrad(leaf([1, 3, 3, 1]), leaf([1, 3, 3, 1], new Uint8Array(9), "u8"), grad),
    "maxPool2dGrad: got shape [1, 3, 3, 1], expected [1, 2, 2, 1], the shape of the pooled maps. Give inputs that belong together.",
  );
});
