import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultSliceSize, largestActivationBytes } from "#nin-net/backends/slice-size.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, state } from "#nin-net/graph/node.js";
import { linear as linearOp } from "#nin-net/ops/composites/linear.js";
import { ops } from "#nin-net/ops/ops.js";

/** A value of so many floats an image. */
const values = (images: number, each: number): Graph => ({
  outputs: { y: ops.relu(input("x", [images, each], "f32", "slice")) },
  updates: new Map(),
});

test("a power of two that keeps the largest activation below 12 MiB, from 1 to 64", () => {
  const mebibyte = 2 ** 18; // floats
  const each = [1 / 64, 3 / 16, 0.25, 1, 1.5, 1.75, 6, 6.25, 12, 100];
  for (const images of [1, 3]) {
    assert.deepEqual(
      each.map((size) => defaultSliceSize(values(images, size * mebibyte), images)),
      [64, 64, 32, 8, 8, 4, 2, 1, 1, 1],
    );
  }
});

test("the first block of Network in Network: 8 images of 224 pixels, 32 of 112, in training as in evaluation", () => {
  const block = (images: number, pixels: number, training: boolean): Graph => {
    const w = state("w", [11, 11, 1, 96]);
    const x = input("x", [images, pixels, pixels, 1], "f32", "slice");
    const y = ops.relu(ops.conv2d(x, w, { stride: 4, padding: 0 }));
    const loss = ops.sumAll(y);
    const dw = training ? gradients(loss, [w], input("one", [1], "f32", "step")) : [];
    return {
      outputs: { loss: ops.sumSlices(loss), ...(dw[0] && { dw: ops.sumSlices(dw[0]) }) },
      updates: new Map(),
    };
  };
  for (const images of [1, 11]) {
    for (const training of [false, true]) {
      assert.equal(largestActivationBytes(block(images, 224, training), images), 4 * 54 * 54 * 96);
      assert.equal(defaultSliceSize(block(images, 224, training), images), 8);
      assert.equal(defaultSliceSize(block(images, 112, training), images), 32);
    }
  }
});

test("enough images for large weights that an image uses once, as long as activations stay below 128 MiB", () => {
  const linear = (images: number, features: number, activation: number): Graph => {
    const w = state("w", [features, 2048]);
    const x = input("x", [images, features], "f32", "slice");
    const other = ops.relu(input("other", [images, activation], "f32", "slice"));
    return { outputs: { y: linearOp(x, w), other }, updates: new Map() };
  };
  const mebibyte = 2 ** 18; // floats
  // 2048 x 2048 floats are 16 MiB.
  assert.equal(defaultSliceSize(linear(3, 2048, 3 * mebibyte), 3), 32);
  assert.equal(defaultSliceSize(linear(1, 2047, 3 * mebibyte), 1), 4);
  assert.equal(defaultSliceSize(linear(1, 2048, 12 * mebibyte), 1), 8);
  assert.equal(defaultSliceSize(linear(1, 2048, 1), 1), 64);
});

test("64 images that share a normalization, as long as activations stay below 128 MiB", () => {
  const normalized = (images: number, channels: number): Graph => {
    const x = ops.relu(input("x", [images, 1, 1, channels], "f32", "slice"));
    const mean = ops.sumPixels(x);
    return { outputs: { y: ops.addBias(x, mean) }, updates: new Map() };
  };
  const mebibyte = 2 ** 18; // floats
  const channels = [1 / 64, 1, 2, 2.25, 16, 100, 200].map((size) => size * mebibyte);
  for (const images of [1, 3]) {
    assert.deepEqual(
      channels.map((each) => defaultSliceSize(normalized(images, each), images)),
      [64, 64, 64, 32, 8, 1, 1],
    );
  }
});
