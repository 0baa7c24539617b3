import assert from "node:assert/strict";
import { test } from "node:test";
import { type Graph, type OpNode, state } from "#nin-net/graph/node.js";
import { countUses, rewriteGraph } from "#nin-net/graph/rewrite.js";
import { ops } from "#nin-net/ops/ops.js";
import { leaf, run } from "../ops/run.js";

test("rebuilds what depends on a replaced node, and nothing else", () => {
  const x = leaf([2], [-1, 2]);
  const untouched = ops.mul(x, x);
  const y = ops.add(ops.relu(x), untouched);
  const weight = state("w", [2]);
  const graph: Graph = { outputs: { y, untouched }, updates: new Map([[weight, y]]) };
  const changed = rewriteGraph(graph, (node) => (node.op === ops.relu ? ops.add(x, x) : node));
  assert.deepEqual([...run(changed.outputs.y!)], [-2 + 1, 4 + 4]);
  assert.equal(changed.outputs.untouched, untouched);
  assert.equal(changed.updates.get(weight), changed.outputs.y);
  assert.deepEqual([...run(y)], [1, 6], "the given graph is left as it is");
});

test("rebuilds the inputs of epilogues", () => {
  const x = leaf([1, 1, 1, 1], [3]);
  const conv = ops.conv2d(x, leaf([1, 1, 1, 1], [2]), { stride: 1, padding: 0 });
  const bias = ops.relu(leaf([1], [-5]));
  const y: OpNode = { ...conv, epilogue: [{ op: ops.addBias, inputs: [bias], attrs: {} }] };
  const graph: Graph = { outputs: { y }, updates: new Map() };
  const changed = rewriteGraph(graph, (node) => (node.op === ops.relu ? node.inputs[0]! : node));
  assert.deepEqual([...run(y)], [6]);
  assert.deepEqual([...run(changed.outputs.y!)], [1]);
});

test("counts every reader: inputs, outputs and updates", () => {
  const x = leaf([2]);
  const y = ops.mul(x, x);
  const z = ops.add(y, x);
  const uses = countUses({ outputs: { z, y }, updates: new Map([[state("w", [2]), y]]) });
  assert.equal(uses.get(x), 3);
  assert.equal(uses.get(y), 3);
  assert.equal(uses.get(z), 1);
});
