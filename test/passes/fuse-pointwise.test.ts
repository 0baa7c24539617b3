import assert from "node:assert/strict";
import { test } from "node:test";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, type Node, rootsOf, state, topologicalOrder } from "#nin-net/graph/node.js";
import { SmallNin } from "#nin-net/models/nin-small.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { ops } from "#nin-net/ops/ops.js";
import { square, subtract } from "#nin-net/ops/pointwise/arithmetic.js";
import { definePointwise, type PointwiseAttrs } from "#nin-net/ops/pointwise/pointwise.js";
import { fusePointwise } from "#nin-net/passes/fuse-pointwise.js";
import { batchInputs, gradientGraph } from "#nin-net/train/programs.js";
import { leaf, run } from "../ops/run.js";
import { assertSameValues, opNames } from "./rewrites.js";

const { add, addBias, expand, mul, permute, relu, reluGrad, scaleBy, scaleChannels, sumPixels } = ops;

const graphOf = (outputs: Graph["outputs"]): Graph => ({ outputs, updates: new Map() });
const [a, b] = [leaf([2, 3, 3, 4]), leaf([2, 3, 3, 4])];
const [channels, one] = [leaf([4]), leaf([1])];

for (const [name, y] of Object.entries({
  add: add(mul(a, b), a),
  mul: mul(add(a, b), a),
  addBias: addBias(mul(a, b), channels),
  scaleBy: scaleBy(mul(a, b), one),
  scaleChannels: scaleChannels(mul(a, b), channels),
  relu: relu(mul(a, b)),
  "reluGrad's gradient": reluGrad(mul(a, b), a),
  "reluGrad's mask": reluGrad(a, mul(a, b)),
  "expand to all": mul(expand(one, b), b),
  "expand to channels": add(mul(a, b), expand(channels, b)),
})) {
  test(`joined with what it reads, an op has the same values: ${name}`, () => {
    const fused = fusePointwise(graphOf({ y }));
    assert.deepEqual(opNames(fused), ["pointwise"]);
    assert.deepEqual(fused.outputs.y!.type, y.type);
    assert.deepEqual(run(fused.outputs.y!), run(y));
  });
}

test("NaN stays NaN through a ReLU", () => {
  const values = leaf([4], [Number.NaN, -1, 0, 2]);
  const fused = fusePointwise(graphOf({ y: relu(scaleBy(values, leaf([1], [3]))) }));
  assert.deepEqual([...run(fused.outputs.y!)], [Number.NaN, 0, 0, 6]);
});

test("a sum over pixels takes what it adds up with it", () => {
  const y = sumPixels(square(subtract(a, channels)));
  const fused = fusePointwise(graphOf({ y }));
  assert.deepEqual(opNames(fused), ["sumPointwise"]);
  assert.deepEqual(run(fused.outputs.y!), run(y));
});

test("what others read too is computed again where that reads no more memory, else kept", () => {
  const centred = subtract(a, channels);
  const cheap = graphOf({ y: mul(centred, b), sum: sumPixels(centred) });
  assert.deepEqual(opNames(fusePointwise(cheap)).sort(), ["pointwise", "sumPointwise"]);
  const product = mul(a, b);
  const dear = graphOf({ y: relu(product), sum: sumPixels(product) });
  assert.deepEqual(opNames(fusePointwise(dear)).sort(), ["mul", "relu", "sumPixels"]);
  const read = graphOf({ y: mul(centred, b), moved: permute(centred, { axes: [0, 2, 1, 3] }) });
  assert.deepEqual(opNames(fusePointwise(read)).sort(), ["permute", "pointwise", "pointwise"]);
});

test("numbers of another shape or phase are made by themselves", () => {
  const factors = mul(leaf([4]), leaf([4]));
  const shape = graphOf({ y: scaleChannels(a, factors) });
  assert.deepEqual(opNames(fusePointwise(shape)), ["mul", "scaleChannels"]);
  const weights = mul(state("v", [2, 3]), state("w", [2, 3]));
  const phase = graphOf({ y: mul(weights, input("x", [2, 3], "f32", "slice")) });
  assert.deepEqual(opNames(fusePointwise(phase)), ["mul", "mul"]);
});

test("only numbers laid over a shape are left alone", () => {
  const graph = graphOf({ y: relu(expand(channels, a)) });
  assert.deepEqual(opNames(fusePointwise(graph)), ["expand", "relu"]);
});

test("no input is lost, though its values do not matter", () => {
  const graph = graphOf({ y: mul(expand(one, input("x", [2, 3], "f32", "slice")), leaf([2, 3])) });
  const names = topologicalOrder(rootsOf(fusePointwise(graph))).filter(({ kind }) => kind === "input");
  assert.equal(names.length, 3);
});

test("an expression has no more inputs than a GPU's kernel can read, and no more steps than pay", () => {
  const wide = Array.from({ length: 12 }, () => leaf([2, 3, 3, 4])).reduce<Node>((sum, x) => add(sum, x), a);
  const long = Array.from({ length: 60 }).reduce<Node>((x) => relu(x), a);
  for (const y of [wide, long]) {
    const fused = fusePointwise(graphOf({ y }));
    const nodes = topologicalOrder(rootsOf(fused)).filter((node) => node.kind === "op");
    assert.ok(nodes.length > 1);
    for (const { inputs, attrs } of nodes) {
      assert.ok(inputs.length <= 6, `${inputs.length} inputs`);
      assert.ok((attrs as PointwiseAttrs).instructions.length <= 40);
    }
    assert.deepEqual(run(fused.outputs.y!), run(y));
  }
});

test("a normalization and its gradients stay the same, slice by slice", async () => {
  const normalized = definePointwise("normalized", (x, mean, v, w) =>
    x.sub(mean).div(v.add(1e-5).sqrt()).mul(w),
  );
  const trace = (images: number): Graph => {
    const x = input("x", [images, 3, 2, 4], "f32", "slice");
    const w = state("w", [4]);
    const scaled = definePointwise("mean", (sum) => sum.mul(1 / (6 * images)));
    const mean = scaled(sumPixels(x));
    const variance = scaled(sumPixels(square(subtract(x, mean))));
    const y = relu(normalized(x, mean, variance, w));
    const [dx, dw] = gradients(y, [x, w], input("dy", y.type.shape, "f32", "slice"));
    return graphOf({ y, dx: dx!, dw: ops.sumSlices(dw!) });
  };
  await assertSameValues(trace, fusePointwise, { images: 5, sliceSize: 3 });
  const [before, after] = [trace(3), fusePointwise(trace(3))].map((graph) => opNames(graph).length);
  assert.ok(after! < 0.7 * before!, `${before} ops, then ${after}`);
});

test("a sigmoid is not computed again for its gradient", () => {
  const sigmoid = definePointwise("sigmoid", (x) => x.sigmoid());
  const y = sigmoid(addBias(a, channels));
  const [da] = gradients(mul(y, b), [a], leaf([2, 3, 3, 4]));
  const fused = fusePointwise(graphOf({ y, da: da! }));
  const sigmoids = topologicalOrder(rootsOf(fused)).flatMap((node) =>
    node.kind === "op" && node.op === ops.pointwise
      ? (node.attrs as PointwiseAttrs).instructions.filter(({ op }) => op === "sigmoid")
      : [],
  );
  assert.equal(sigmoids.length, 1);
});

test("on the CPU a network's losses and gradients have the same bits with and without it", async () => {
  const net = new SmallNin({ widths: [8, 12, 20], dropout: 0.3, seed: 3 });
  const parameters = new DeviceParameters(net);
  const image = {
    channels: 1,
    height: 28,
    width: 28,
    preprocessing: { resize: null, mean: null, std: null },
  };
  const pixels = Uint8Array.from({ length: 10 * 784 }, (_, i) => (i * 7919) % 251);
  const images = new ImageBatch(pixels, image, image.preprocessing);
  const labels = Uint8Array.from({ length: 10 }, (_, i) => i);
  using device = await openWasm({ threads: 2 });
  using deviceState = await device.createState(parameters.values());
  const results = [];
  for (const without of [[], ["fuse-pointwise"]]) {
    using program = device.compile((n) => gradientGraph(net, parameters, n, image), deviceState, {
      without,
      sliceSize: 4,
    });
    results.push(await program.run(batchInputs(images, labels, { seed: 1, epoch: 0, step: 0 })));
  }
  assert.ok(Object.keys(results[0]!).length > 20);
  assert.deepEqual(results[0], results[1]);
});
