import assert from "node:assert/strict";
import { test } from "node:test";
import { type Graph, input } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { sumEarly } from "#nin-net/passes/sum-early.js";
import { assertSameValues, opNames } from "./rewrites.js";

const attrs = { tile: 4, kernel: 3, padding: 1 };

function enlarged(images: number): Graph {
  const x = input("x", [images, 4, 4, 2], "f32", "slice");
  const dy = input("dy", [images, 4, 4, 3], "f32", "slice");
  const dw = ops.conv2dWeightGrad(x, dy, { kernel: 3, stride: 1, padding: 1 });
  const matrix = Float64Array.from({ length: 25 * 9 }, (_, i) => (i % 7) - 3);
  return {
    outputs: { y: ops.sumSlices(ops.mixTaps(dw, { matrix, rows: 5, columns: 5 })) },
    updates: new Map(),
  };
}

function weightGradient(images: number): Graph {
  const x = input("x", [images, 8, 8, 4], "f32", "slice");
  const dy = input("dy", [images, 8, 8, 4], "f32", "slice");
  const du = ops.winogradConv2dWeightGrad(x, dy, attrs);
  return { outputs: { dw: ops.sumSlices(ops.winogradWeightsGrad(du, { tile: 4 })) }, updates: new Map() };
}

test("sums before a linear op, with the same result", async () => {
  assert.deepEqual(opNames(enlarged(1)), ["conv2dWeightGrad", "mixTaps", "sumSlices"]);
  assert.deepEqual(opNames(sumEarly(enlarged(1))), ["conv2dWeightGrad", "sumSlices", "mixTaps"]);
  await assertSameValues(enlarged, sumEarly, { images: 3, sliceSize: 2 });
});

test("does not move a sum past an op that makes its input smaller: the small value is what to hold", () => {
  assert.deepEqual(opNames(sumEarly(weightGradient(1))), opNames(weightGradient(1)));
});

test("does not move a sum past an op that is not linear, or whose value is used elsewhere", () => {
  const x = input("x", [2, 3], "f32", "slice");
  const bent = { outputs: { y: ops.sumSlices(ops.sumAll(ops.relu(x))) }, updates: new Map() };
  assert.deepEqual(opNames(sumEarly(bent)), opNames(bent));
  const bentLast = { outputs: { y: ops.sumSlices(ops.relu(ops.sumAll(x))) }, updates: new Map() };
  assert.deepEqual(opNames(sumEarly(bentLast)), opNames(bentLast));
  const shared = ops.reshape(x, { shape: [2, 3] });
  const twice: Graph = { outputs: { y: ops.sumSlices(shared), x: shared }, updates: new Map() };
  assert.deepEqual(opNames(sumEarly(twice)), opNames(twice));
});
