import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, type Node, state, topologicalOrder } from "#nin-net/graph/node.js";
import { mixesImages, nodesCountingImages } from "#nin-net/graph/slices.js";
import type { Layer } from "#nin-net/nn/layer.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { GroupNorm } from "#nin-net/nn/layers/group-norm.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { ops } from "#nin-net/ops/ops.js";
import { adamw } from "#nin-net/optim/adamw.js";
import { evaluationGraph, trainGraph } from "#nin-net/train/programs.js";

const x = input("x", [3, 4, 4, 2], "f32", "slice");
const one = input("one", [1], "f32", "step");
const graph = (y: Node): Graph => ({ outputs: { y }, updates: new Map() });

test("activations and their gradients count images, weights and their gradients do not", () => {
  const w = state("w", [3, 3, 2, 5]);
  const y = ops.conv2d(x, w, { stride: 1, padding: 1 });
  const sum = ops.sumAll(ops.mul(y, y));
  const [dw] = gradients(sum, [w], one);
  const counting = nodesCountingImages(topologicalOrder([dw!, sum]));
  assert.ok(counting.has(x) && counting.has(y));
  for (const node of [w, one, sum, dw!]) assert.ok(!counting.has(node));
  // x, y, its square, and four on the way back to y: dy for each pixel, twice times y, their sum.
  assert.equal(counting.size, 7);
});

test("a sum over images may go through linear ops into a sum over slices, and nowhere else", () => {
  const sum = ops.sumPixels(x); // [2]
  assert.equal(mixesImages(graph(ops.sumSlices(sum))), false);
  assert.equal(
    mixesImages(graph(ops.sumSlices(ops.scaleBy(ops.reshape(sum, { shape: [1, 2] }), one)))),
    false,
  );
  assert.equal(mixesImages(graph(ops.scaleBy(ops.sumSlices(sum), one))), false);
  assert.equal(mixesImages(graph(ops.addBias(x, sum))), true);
  assert.equal(mixesImages(graph(ops.expand(sum, x))), true);
  assert.equal(mixesImages(graph(ops.sumSlices(ops.mul(sum, sum)))), true);
});

for (const [what, norm, mixes] of [
  ["BatchNorm2d", new BatchNorm2d(4), true],
  ["GroupNorm", new GroupNorm(2, 4), false],
  ["Dropout", new Dropout(0.5), false],
] as const satisfies readonly (readonly [string, Layer, boolean])[]) {
  test(`a network with ${what} ${mixes ? "mixes" : "does not mix"} images in training, and not in evaluation`, () => {
    const net = new Sequential(new Conv2d(1, 4, 3), norm, new Flatten(), new Linear(4 * 36, 3));
    const images = {
      channels: 1,
      height: 8,
      width: 8,
      preprocessing: { resize: null, mean: [0.5], std: [0.2] },
    };
    const parameters = new DeviceParameters(net);
    assert.equal(mixesImages(trainGraph(net, parameters, 1, images, adamw())), mixes);
    assert.equal(mixesImages(evaluationGraph(net, parameters, 1, images)), false);
  });
}
