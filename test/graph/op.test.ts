import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpNode } from "#nin-net/graph/node.js";
import { costOf } from "#nin-net/graph/op.js";
import { ops } from "#nin-net/ops/ops.js";
import { fuseEpilogues } from "#nin-net/passes/fuse-epilogues.js";
import { leaf } from "../ops/run.js";

test("an op is listed under its own name", () => {
  for (const [name, op] of Object.entries(ops)) assert.equal(op.opName, name);
});

test("a node keeps its op, inputs and attributes; an op without attributes takes nodes only", () => {
  const [x, w] = [leaf([1, 4, 4, 1]), leaf([3, 3, 1, 1])];
  const y = ops.conv2d(x, w, { stride: 1, padding: 1 });
  assert.equal(y.op, ops.conv2d);
  assert.deepEqual(y.inputs, [x, w]);
  assert.deepEqual(y.attrs, { stride: 1, padding: 1 });
  assert.deepEqual(ops.relu(y).attrs, {});
});

test("by default an element costs one operation; inputs are read and the result is written once", () => {
  assert.deepEqual(costOf(ops.add(leaf([2, 3]), leaf([2, 3]))), { flops: 6, bytes: 3 * 6 * 4 });
  assert.deepEqual(costOf(ops.fromBytes(leaf([5], new Uint8Array(5), "u8"))), { flops: 5, bytes: 5 + 20 });
});

test("what runs in an epilogue costs its operations and its other inputs, but no pass over memory", () => {
  const conv = ops.conv2d(leaf([1, 1, 1, 2]), leaf([1, 1, 2, 3]), { stride: 1, padding: 0 });
  const y = ops.relu(ops.addBias(conv, leaf([3])));
  const fused = fuseEpilogues({ outputs: { y }, updates: new Map() }, () => true).outputs.y as OpNode;
  assert.deepEqual(costOf(conv), { flops: 12, bytes: 4 * (2 + 6 + 3) });
  assert.deepEqual(costOf(fused), { flops: 12 + 3 + 3, bytes: 4 * (2 + 6 + 3 + 3) });
});
