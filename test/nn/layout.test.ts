import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activationFromEngine,
  activationShapeToEngine,
  activationToEngine,
  weightFromEngine,
  weightShapeToEngine,
  weightToEngine,
} from "#nin-net/nn/layout.js";

const counting = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => i);

test("images go from channels first to channels last", () => {
  // [1, 2, 1, 3]: two channels of three pixels.
  const x = Float32Array.of(1, 2, 3, 10, 20, 30);
  assert.deepEqual(activationShapeToEngine([1, 2, 1, 3]), [1, 1, 3, 2]);
  assert.deepEqual([...activationToEngine([1, 2, 1, 3], x)], [1, 10, 2, 20, 3, 30]);
});

test("a convolution's weights go from [Cout, Cin, K, K] to [K, K, Cin, Cout]", () => {
  const shape = [2, 3, 2, 2];
  assert.deepEqual(weightShapeToEngine([5, 3, 2, 2]), [2, 2, 3, 5]);
  const w = weightToEngine(shape, counting(24));
  // PyTorch's [1, 2, 1, 0] is 12 + 2 * 4 + 2; the engine's [1, 0, 2, 1] is ((1 * 2 + 0) * 3 + 2) * 2 + 1.
  assert.equal(w[17], 22);
});

test("a matrix is transposed, a bias stays", () => {
  assert.deepEqual(weightShapeToEngine([2, 3]), [3, 2]);
  assert.deepEqual([...weightToEngine([2, 3], counting(6))], [0, 3, 1, 4, 2, 5]);
  assert.deepEqual([...weightToEngine([3], counting(3))], [0, 1, 2]);
});

test("there and back gives the same values", () => {
  const shape = [2, 3, 4, 5];
  const x = counting(120);
  assert.deepEqual(activationFromEngine(shape, activationToEngine(shape, x)), x);
  assert.deepEqual(weightFromEngine(shape, weightToEngine(shape, x)), x);
  assert.deepEqual(weightFromEngine([6, 20], weightToEngine([6, 20], x)), x);
});
