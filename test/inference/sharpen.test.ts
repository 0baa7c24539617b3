import assert from "node:assert/strict";
import { test } from "node:test";
import { sharpen } from "#nin-net/inference/sharpen.js";

const square = (levels: readonly number[]) => ({
  width: 3,
  height: 3,
  data: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
});
const greys = (data: Uint8Array) => [...data].filter((_, i) => i % 3 === 0);

test("leaves plain areas alone", () => {
  assert.deepEqual(greys(sharpen(square(new Array(9).fill(77))).data), new Array(9).fill(77));
});

test("a single lighter pixel stands out by the kernel's weights", () => {
  // e^-0.5 = 0.6065, e^-1 = 0.3679: sum S = 1 + 4 * 0.6065 + 4 * 0.3679 = 4.8976. The centre weighs
  // 2 S / (S + 1) = 1.6609, its neighbours -0.1028 and -0.0624. Here 100 on 50: 50 + 50 * weight.
  const corner = 47; // 50 - 3.12
  const side = 45; // 50 - 5.14
  assert.deepEqual(greys(sharpen(square([50, 50, 50, 50, 100, 50, 50, 50, 50])).data), [
    corner,
    side,
    corner,
    side,
    133, // 50 + 83.05
    side,
    corner,
    side,
    corner,
  ]);
});

test("stays within 0..255", () => {
  assert.deepEqual(greys(sharpen(square([0, 0, 0, 0, 255, 0, 0, 0, 0])).data), [0, 0, 0, 0, 255, 0, 0, 0, 0]);
});
