import assert from "node:assert/strict";
import { test } from "node:test";
import { Canvas, type Point } from "#nin-net/data/synthetic/canvas.js";

const square = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

test("paints whole pixels fully and half pixels by half", () => {
  const canvas = new Canvas();
  canvas.fill(square(-1, -1, 0.5, 0.5), 100);
  const at = (x: number, y: number) => canvas.values[(y + 14) * 28 + x + 14];
  assert.deepEqual([at(-1, -1), at(0, -1), at(-1, 0), at(0, 0), at(1, -1)], [100, 50, 50, 25, 0]);
  assert.equal(
    canvas.values.reduce((sum, value) => sum + value),
    225,
  );
});

test("paints over what is there, and cuts off at the edges", () => {
  const canvas = new Canvas();
  canvas.fill(square(-99, -99, 99, 99), 200);
  assert.ok(canvas.values.every((value) => value === 200));
  canvas.fill(square(0, -20, 20, 20), 0);
  assert.equal(canvas.values.filter((value) => value === 0).length, 14 * 28);
});

test("a slanted outline covers its own area", () => {
  const canvas = new Canvas();
  canvas.fill(
    [
      [-2, 0],
      [2, 0],
      [0, 4],
    ],
    100,
  );
  const sum = canvas.values.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(sum - 800) < 1e-3, `8 pixels of 100, got ${sum}`);
});
