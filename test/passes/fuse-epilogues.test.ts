import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptsSteps } from "#nin-net/backends/webgpu/kernels/epilogue.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, type Node, type OpNode, rootsOf, topologicalOrder } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { fuseEpilogues } from "#nin-net/passes/fuse-epilogues.js";
import { leaf, run } from "../ops/run.js";

const always = () => true;
const plain = { stride: 1, padding: 0 };
const { addBias, conv2d, maxPool2d, mul, relu, sumAll } = ops;

const graphOf = (outputs: Graph["outputs"]): Graph => ({ outputs, updates: new Map() });
const opNodes = (graph: Graph) => topologicalOrder(rootsOf(graph)).filter((node) => node.kind === "op");
const opNames = (graph: Graph) => opNodes(graph).map(nameOf);
const nameOf = (node: OpNode) =>
  [node.op, ...node.epilogue.map((step) => step.op)].map((op) => op.opName).join("+");

const x = leaf([2, 5, 5, 2]);
const w = leaf([3, 3, 2, 3]);
const b = leaf([3]);
const conv = () => conv2d(x, w, plain); // [2, 3, 3, 3]

test("bias and ReLU run in the convolution's epilogue, with the same result", () => {
  const graph = graphOf({ y: relu(addBias(conv(), b)) });
  const fused = fuseEpilogues(graph, always);
  assert.deepEqual(opNames(fused), ["conv2d+addBias+relu"]);
  assert.deepEqual(fused.outputs.y!.type, graph.outputs.y!.type);
  assert.deepEqual(run(fused.outputs.y!), run(graph.outputs.y!));
});

test("a whole training graph computes the same after it", () => {
  const second = leaf([1, 1, 3, 2]);
  const hidden = relu(addBias(conv(), b));
  const pooled = maxPool2d(hidden, { kernel: 2, stride: 1, padding: 0 });
  const y = relu(conv2d(pooled, second, plain));
  const loss = sumAll(mul(y, y));
  const [dw, db, dsecond, dx] = gradients(loss, [w, b, second, x], leaf([1], [1])) as [
    Node,
    Node,
    Node,
    Node,
  ];
  const graph = graphOf({ loss, dw, db, dsecond, dx });
  const fused = fuseEpilogues(graph, always);
  assert.deepEqual(
    opNames(fused)
      .filter((name) => name.includes("+"))
      .sort(),
    ["conv2d+addBias+relu", "conv2d+relu", "maxPool2dGrad+reluGrad"],
  );
  for (const [name, node] of Object.entries(graph.outputs)) {
    assert.deepEqual(run(fused.outputs[name]!), run(node), name);
  }
});

test("a result that somebody else reads is left alone", () => {
  const read = conv();
  for (const graph of [
    graphOf({ y: relu(read), read }),
    graphOf({ y: relu(read), z: sumAll(read) }),
    graphOf({ y: mul(read, read) }),
  ]) {
    assert.deepEqual(
      opNames(fuseEpilogues(graph, always)).filter((name) => name.includes("+")),
      [],
    );
  }
});

test("the second input may be anything, but does not run in an epilogue itself", () => {
  const other = leaf([2, 3, 3, 3]);
  assert.deepEqual(opNames(fuseEpilogues(graphOf({ y: mul(other, conv()) }), always)), ["conv2d", "mul"]);
  const both = graphOf({ y: mul(conv(), conv()) });
  const fused = fuseEpilogues(both, always);
  assert.deepEqual(opNames(fused), ["conv2d", "conv2d+mul"]);
  assert.deepEqual(run(fused.outputs.y!), run(both.outputs.y!));
});

test("an op that takes no epilogue gets none", () => {
  const graph = graphOf({ y: relu(maxPool2d(x, { kernel: 2, stride: 1, padding: 0 })) });
  assert.deepEqual(opNames(fuseEpilogues(graph, always)), ["maxPool2d", "relu"]);
});

test("the backend decides, step by step", () => {
  const asked: string[] = [];
  const fused = fuseEpilogues(graphOf({ y: relu(addBias(conv(), b)) }), (node, steps) => {
    asked.push([node.op.opName, ...steps.map((step) => step.op.opName)].join(" "));
    return steps.length < 2;
  });
  assert.deepEqual(asked, ["conv2d addBias", "conv2d addBias relu"]);
  assert.deepEqual(opNames(fused), ["conv2d+addBias", "relu"]);
});

test("values of different phases stay apart", () => {
  const later: Node = { kind: "input", name: "b", type: { shape: [3], dtype: "f32" }, phase: "slice" };
  assert.deepEqual(opNames(fuseEpilogues(graphOf({ y: addBias(conv(), later) }), always)), [
    "conv2d",
    "addBias",
  ]);
});

test("an expression is fused on its first input; the GPU's kernels end with it while buffers suffice", () => {
  const gated = definePointwise("gated", (y, gate, scale, one) => y.mul(gate.sigmoid()).mul(scale).add(one));
  const graph = graphOf({ y: gated(addBias(conv(), b), leaf([2, 3, 3, 3]), b, leaf([1])) });
  const fused = fuseEpilogues(graph, (_, steps) => acceptsSteps(steps));
  assert.deepEqual(opNames(fused), ["conv2d+addBias+pointwise"]);
  assert.deepEqual(run(fused.outputs.y!), run(graph.outputs.y!));
  const twice = graphOf({ y: gated(graph.outputs.y!, leaf([2, 3, 3, 3]), b, leaf([1])) });
  assert.deepEqual(opNames(fuseEpilogues(twice, (_, steps) => acceptsSteps(steps))), [
    "conv2d+addBias+pointwise",
    "pointwise",
  ]);
});
