import assert from "node:assert/strict";
import { test } from "node:test";
import { philox } from "#nin-net/core/random.js";
import { keepThreshold, randomMask } from "#nin-net/ops/random-mask.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const key = (seed: number, epoch: number, step: number) => leaf([3], [seed, epoch, step], "u32");
const from = (image: number) => leaf([1], [image], "u32");
const attrs = { shape: [4, 5, 5, 10], rate: 0.5, stream: 0 };

test("an element depends on seed, epoch, step, stream and its index in the batch", () => {
  const mask = run(randomMask(key(7, 2, 9), from(3), { ...attrs, stream: 4, rate: 0.25 }));
  const index = 3 * 250 + 321;
  const word = philox([Math.floor(index / 4), 9, 4, 2], [7, 3])[index % 4]!;
  assert.equal(mask[321], word / 2 ** 32 >= 0.25 ? 1 / 0.75 : 0);

  const plain = run(randomMask(key(1, 1, 1), from(0), attrs));
  for (const other of [
    randomMask(key(2, 1, 1), from(0), attrs),
    randomMask(key(1, 2, 1), from(0), attrs),
    randomMask(key(1, 1, 2), from(0), attrs),
    randomMask(key(1, 1, 1), from(1), attrs),
    randomMask(key(1, 1, 1), from(0), { ...attrs, stream: 1 }),
  ]) {
    assert.notDeepEqual(run(other), plain);
  }
});

test("slicing does not change it", () => {
  const whole = run(randomMask(key(1, 0, 0), from(0), { ...attrs, shape: [4, 3, 7] }));
  const last = run(randomMask(key(1, 0, 0), from(3), { ...attrs, shape: [1, 3, 7] }));
  assert.deepEqual(last, whole.subarray(3 * 21));
});

test("drops the asked share and keeps the mean", () => {
  const mask = run(randomMask(key(5, 0, 0), from(0), { ...attrs, shape: [40000], rate: 0.3 }));
  assert.deepEqual(new Set(mask), new Set([0, 1 / 0.7]));
  const dropped = mask.filter((value) => value === 0).length / 40000;
  // Four standard deviations: sqrt(0.3 * 0.7 / 40000) = 0.0023.
  assert.ok(Math.abs(dropped - 0.3) < 0.0092, `${dropped} dropped`);
});

test("rate 0 keeps everything", () => {
  const mask = run(randomMask(key(5, 0, 0), from(0), { ...attrs, rate: 0 }));
  assert.deepEqual(new Set(mask), new Set([1]));
});

test("an element drawn right at the rate is kept", () => {
  const word = philox([0, 0, 0, 0], [9, 3])[0];
  const rate = (word >>> 8) / 2 ** 24;
  const kept = (at: number) => run(randomMask(key(9, 0, 0), from(0), { shape: [1], rate: at, stream: 0 }))[0];
  assert.equal(kept(rate), 1 / (1 - rate));
  assert.equal(kept(rate + 2 ** -26), 0);
});

test("the threshold is the first 24-bit word at or above the rate", () => {
  assert.equal(keepThreshold(0.5), 2 ** 23);
  assert.equal(keepThreshold(0), 0);
  assert.equal(keepThreshold(2 ** -25), 1);
});

test("refuses what does not fit", () => {
  refuses(
    () => randomMask(leaf([3]), from(0), attrs),
    "randomMask: got f32 values, expected u32 values. Give an input of type u32.",
  );
  refuses(
    () => randomMask(leaf([2], [1, 2], "u32"), from(0), attrs),
    "randomMask: got shape [2], expected [3], the shape of seed, epoch and step. Give inputs that belong together.",
  );
  for (const rate of [1, -0.1, Number.NaN]) {
    refuses(
      () => randomMask(key(1, 1, 1), from(0), { ...attrs, rate }),
      `randomMask: got rate ${rate}, expected at least 0 and below 1. Give the share of the elements to drop.`,
    );
  }
});
