import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "#nin-net/graph/op.js";
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from "#nin-net/ops/conv2d.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const plain = { stride: 1, padding: 0 };

test("slides the kernel without flipping it", () => {
  const x = leaf([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const w = leaf([2, 2, 1, 1], [1, 10, 100, 1000]);
  const y = conv2d(x, w, plain);
  assert.deepEqual(y.type, { shape: [1, 2, 2, 1], dtype: "f32" });
  assert.deepEqual([...run(y)], [5421, 6532, 8754, 9865]);
});

test("pads with zeros and strides", () => {
  const x = leaf([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const w = leaf([2, 2, 1, 1], [1, 10, 100, 1000]);
  assert.deepEqual([...run(conv2d(x, w, { stride: 2, padding: 1 }))], [1000, 3200, 7040, 9865]);
});

test("mixes channels: a 1x1 kernel is a matrix product over pixels", () => {
  const x = leaf([2, 1, 1, 2], [1, 2, 3, 4]);
  const w = leaf([1, 1, 2, 3], [1, 2, 3, 10, 20, 30]);
  assert.deepEqual([...run(conv2d(x, w, plain))], [21, 42, 63, 43, 86, 129]);
});

test("the input gradient spreads each output gradient over its window", () => {
  const dy = leaf([1, 2, 1, 1], [1, 5]);
  const w = leaf([2, 2, 1, 1], [1, 2, 3, 4]);
  const dx = conv2dInputGrad(dy, w, { ...plain, height: 3, width: 2 });
  assert.deepEqual([...run(dx)], [1, 2, 3 + 5, 4 + 10, 15, 20]);
});

test("the weight gradient sums over images and pixels", () => {
  const x = leaf([2, 2, 2, 1], [1, 2, 3, 4, 10, 20, 30, 40]);
  const dy = leaf([2, 1, 1, 1], [1, 2]);
  const dw = conv2dWeightGrad(x, dy, { ...plain, kernel: 2 });
  assert.deepEqual([...run(dw)], [21, 42, 63, 84]);
});

test("costs two operations for each weight and output pixel", () => {
  const x = leaf([2, 7, 7, 3]);
  const w = leaf([3, 3, 3, 4]);
  const y = conv2d(x, w, { stride: 2, padding: 0 });
  const flops = 2 * (3 * 3 * 3 * 4) * (2 * 3 * 3);
  assert.equal(costOf(y).flops, flops);
  assert.equal(costOf(conv2dInputGrad(y, w, { stride: 2, padding: 0, height: 7, width: 7 })).flops, flops);
  assert.equal(costOf(conv2dWeightGrad(x, y, { stride: 2, padding: 0, kernel: 3 })).flops, flops);
});

test("refuses what does not fit", () => {
  const x = leaf([1, 4, 4, 3]);
  const w = leaf([3, 3, 3, 2]);
  refuses(
    () => conv2d(leaf([4, 4, 3]), w, plain),
    "conv2d: got shape [4, 4, 3], expected [N, H, W, C]. Give feature maps with four axes.",
  );
  refuses(
    () => conv2d(x, leaf([3, 3, 5, 2]), plain),
    "conv2d: got shape [1, 4, 4, 3], expected [N, H, W, 5], since the weights take 5 input channels. Give the input as many channels as the weights take.",
  );
  refuses(
    () => conv2d(x, leaf([3, 1, 3, 2]), plain),
    "conv2d: got shape [3, 1, 3, 2], expected [K, K, Cin, Cout]. Use square kernels.",
  );
  refuses(
    () => conv2d(x, leaf([7, 7, 3, 2]), { stride: 1, padding: 1 }),
    "conv2d: got 4 pixels with padding 1, expected at least 7, the kernel's size. Use a larger image, a smaller kernel or more padding.",
  );
  refuses(
    () => conv2d(x, w, { stride: 0, padding: 0 }),
    "conv2d: got stride 0, expected a whole number of at least 1. Give a stride that counts pixels.",
  );
  refuses(
    () => conv2d(x, w, { stride: 1, padding: -1 }),
    "conv2d: got padding -1, expected a whole number of at least 0. Give a padding that counts pixels.",
  );
  refuses(
    () => conv2d(leaf([1, 4, 4, 3], new Uint8Array(48), "u8"), w, plain),
    "conv2d: got u8 values, expected f32 values. Convert bytes with fromBytes.",
  );
  refuses(
    () => conv2dInputGrad(leaf([1, 2, 2, 2]), w, { ...plain, height: 5, width: 4 }),
    "conv2dInputGrad: got shape [1, 2, 2, 2], expected [1, 3, 2, 2], the shape of the convolution's result. Give inputs that belong together.",
  );
  refuses(
    () => conv2dWeightGrad(x, leaf([2, 2, 2, 2]), { ...plain, kernel: 3 }),
    "conv2dWeightGrad: got shape [2, 2, 2, 2], expected [1, 2, 2, 2], the shape of the convolution's result. Give inputs that belong together.",
  );
});
