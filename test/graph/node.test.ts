import assert from "node:assert/strict";
import { test } from "node:test";
import { input, sizeOf, state, topologicalOrder } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

test("an order holds every node once, each after its inputs", () => {
  const x = input("x", [2], "f32", "step");
  const y = ops.mul(x, x);
  const z = ops.add(y, x);
  assert.deepEqual(topologicalOrder([z, y]), [x, y, z]);
});

test("a chain of any length does not overflow the stack", () => {
  let node = ops.relu(input("x", [1], "f32", "step"));
  for (let i = 0; i < 20_000; i++) node = ops.relu(node);
  assert.equal(topologicalOrder([node]).length, 20_002);
});

test("a value belongs to the latest phase of its inputs", () => {
  const weights = state("w", [2]);
  const images = input("x", [2], "f32", "slice");
  assert.equal(ops.mul(weights, weights).phase, "step");
  assert.equal(ops.mul(weights, images).phase, "slice");
  assert.equal(ops.mul(weights, ops.sumSlices(images)).phase, "finish");
});

test("a shape without axes holds one element", () => {
  assert.equal(sizeOf([]), 1);
  assert.equal(sizeOf([2, 0, 3]), 0);
});
