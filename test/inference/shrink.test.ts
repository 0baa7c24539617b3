import assert from "node:assert/strict";
import { test } from "node:test";
import { shrink } from "#nin-net/inference/shrink.js";

const greys = (data: Uint8Array) => [...data].filter((_, i) => i % 3 === 0);

test("averages over areas", () => {
  const row = { width: 3, height: 1, data: Uint8Array.of(30, 90, 150) };
  // Two new pixels, each one and a half old ones wide: (30 + 90 / 2) / 1.5 and (90 / 2 + 150) / 1.5.
  assert.deepEqual(greys(shrink(row, 2).data), [50, 130]);
  const square = { width: 2, height: 2, data: Uint8Array.of(10, 20, 30, 40) };
  assert.deepEqual(greys(shrink(square, 1).data), [25]);
});

test("leaves a small picture as it is, in three channels", () => {
  const { width, height, data } = shrink({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, 10);
  assert.deepEqual({ width, height, data: [...data] }, { width: 2, height: 1, data: [1, 2, 3, 4, 5, 6] });
});

test("keeps the sum of light for sizes that do not divide", () => {
  const data = Uint8Array.from({ length: 37 * 23 }, (_, i) => (i * 89) % 256);
  const mean = data.reduce((sum, level) => sum + level, 0) / data.length;
  const small = greys(shrink({ width: 37, height: 23, data }, 11).data);
  assert.ok(Math.abs(small.reduce((sum, level) => sum + level, 0) / small.length - mean) < 0.5);
});

test("lays transparency on white", () => {
  const greyAlpha = { width: 2, height: 1, data: Uint8Array.of(0, 0, 100, 51) };
  assert.deepEqual(greys(shrink(greyAlpha, 9).data), [255, 224]); // 100 * 0.2 + 255 * 0.8
  const rgba = { width: 1, height: 1, data: Uint8Array.of(10, 110, 210, 51) };
  assert.deepEqual([...shrink(rgba, 9).data], [206, 226, 246]);
});
