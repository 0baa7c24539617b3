import assert from "node:assert/strict";
import { test } from "node:test";
import { enlargeMap } from "#nin-net/explain/enlarge-map.js";

test("values stand where their pixels look, and go over linearly", () => {
  const map = { height: 1, width: 2, data: Float32Array.of(0, 8) };
  // Centres at 2 and 6 of 10 input pixels; drawn with 10 pixels, whose centres are 0.5, 1.5, ...
  const row = [...enlargeMap(map, { start: 2, step: 4, size: 3 }, [1, 10], [1, 10])].slice(0, 10);
  assert.deepEqual(row, [0, 0, 1, 3, 5, 7, 8, 8, 8, 8]);
});

test("rows as columns, and at another size", () => {
  const map = { height: 2, width: 1, data: Float32Array.of(0, 8) };
  const drawn = enlargeMap(map, { start: 2, step: 4, size: 3 }, [10, 5], [5, 5]);
  // Pixels of 2 input pixels each: centres 1, 3, 5, 7, 9.
  assert.deepEqual(
    [...drawn].filter((_, i) => i % 5 === 2),
    [0, 2, 6, 8, 8],
  );
});

test("a map whose pixels have no place is stretched", () => {
  const map = { height: 1, width: 2, data: Float32Array.of(0, 4) };
  assert.deepEqual([...enlargeMap(map, undefined, [4, 8], [4, 4])].slice(0, 4), [0, 1, 3, 4]);
});
