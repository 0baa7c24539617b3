import assert from "node:assert/strict";
import { test } from "node:test";
import { largestTile, winogradMatrices } from "#nin-net/ops/winograd/matrices.js";

/** y = A^T [(G g) * (B^T d)] */
function filter(outputs: number, taps: number, d: readonly number[], g: readonly number[]): number[] {
  const { inputs, weights, outputs: at } = winogradMatrices(outputs, taps);
  const apply = (matrix: readonly (readonly number[])[], x: readonly number[]) =>
    matrix.map((row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0));
  const transformed = apply(weights, g);
  return apply(
    at,
    apply(inputs, d).map((value, i) => value * transformed[i]!),
  );
}

test("F(2, 3) has the matrices of Lavin & Gray, but for signs that cancel", () => {
  const { outputs, weights, inputs } = winogradMatrices(2, 3);
  const positive = (matrix: readonly (readonly number[])[]) => matrix.map((row) => row.map(Math.abs));
  assert.deepEqual(positive(outputs), [
    [1, 1, 1, 0],
    [0, 1, 1, 1],
  ]);
  assert.deepEqual(positive(weights), [
    [1, 0, 0],
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5],
    [0, 0, 1],
  ]);
  assert.deepEqual(positive(inputs), [
    [1, 0, 1, 0],
    [0, 1, 1, 0],
    [0, 1, 1, 0],
    [0, 1, 0, 1],
  ]);
});

test("filters as the definition does, for every size there are points for", () => {
  for (let taps = 1; taps <= 5; taps++) {
    for (let outputs = 1; outputs + taps - 1 <= largestTile; outputs++) {
      const d = Array.from({ length: outputs + taps - 1 }, (_, i) => Math.sin(3 * i + taps));
      const g = Array.from({ length: taps }, (_, i) => Math.cos(5 * i + outputs));
      const want = Array.from({ length: outputs }, (_, i) =>
        g.reduce((sum, tap, k) => sum + tap * d[i + k]!, 0),
      );
      filter(outputs, taps, d, g).forEach((value, i) => {
        assert.ok(
          Math.abs(value - want[i]!) < 1e-12,
          `F(${outputs}, ${taps}) output ${i}: ${value}, ${want[i]}`,
        );
      });
    }
  }
});
