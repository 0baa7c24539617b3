import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, type OpNode, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import type { WinogradAttrs } from "#nin-net/ops/winograd/winograd.js";
import { winograd } from "#nin-net/passes/winograd.js";
import { assertSameValues, opNames } from "./rewrites.js";

/** A convolution and both its gradients. */
function convolution(
  images: number,
  size: number,
  kernel: number,
  padding: number,
  channels = 8,
  stride = 1,
): Graph {
  const x = input("x", [images, size, size + 1, 4], "f32", "slice");
  const w = state("w", [kernel, kernel, 4, channels]);
  const y = ops.conv2d(x, w, { stride, padding });
  const [dx, dw] = gradients(y, [x, w], input("dy", y.type.shape, "f32", "slice"));
  return { outputs: { y, dx: dx!, dw: ops.sumSlices(dw!) }, updates: new Map() };
}

for (const [kernel, padding, size] of [
  [3, 0, 9],
  [3, 1, 12],
  [3, 2, 6],
  [3, 1, 5],
  [3, 1, 14],
  [3, 1, 3],
  [5, 0, 12],
  [5, 2, 26],
  [5, 4, 7],
] as const) {
  test(`a ${kernel}x${kernel} convolution with padding ${padding} and its gradients stay the same`, async () => {
    const trace = (images: number) => convolution(images, size, kernel, padding);
    await assertSameValues(trace, winograd);
    assert.deepEqual(opNames(winograd(trace(2))).sort(), [
      "flipWeights",
      "sumSlices",
      "winogradConv2d",
      "winogradConv2d",
      "winogradConv2dWeightGrad",
      "winogradWeights",
      "winogradWeights",
      "winogradWeightsGrad",
    ]);
  });
}

test("leaves alone what it would not make faster or cannot take", () => {
  for (const graph of [
    convolution(2, 12, 3, 1, 6), // channels that do not fill vectors
    convolution(2, 12, 1, 0),
    convolution(2, 12, 7, 3), // no points for such tiles
    convolution(2, 13, 3, 1, 8, 2), // a stride
    convolution(2, 1, 3, 1), // an image that fills too little of a tile
  ]) {
    assert.deepEqual(opNames(winograd(graph)), opNames(graph));
  }
});

test("tiles are those that fit the image", () => {
  const tileOf = (size: number) => {
    const x = input("x", [2, size, size, 4], "f32", "slice");
    const y = ops.conv2d(x, state("w", [3, 3, 4, 8]), { stride: 1, padding: 1 });
    const made = winograd({ outputs: { y }, updates: new Map() }).outputs.y as OpNode;
    return (made.attrs as WinogradAttrs).tile;
  };
  assert.deepEqual([3, 4, 5, 6, 8, 12, 14, 16, 56].map(tileOf), [3, 4, 5, 6, 4, 4, 5, 4, 4]);
});

test("weights that two convolutions share are transformed once", () => {
  const x = input("x", [1, 8, 8, 4], "f32", "slice");
  const w = state("w", [3, 3, 4, 4]);
  const same = { stride: 1, padding: 1 };
  const graph = { outputs: { y: ops.conv2d(ops.conv2d(x, w, same), w, same) }, updates: new Map() };
  assert.deepEqual(opNames(winograd(graph)), ["winogradWeights", "winogradConv2d", "winogradConv2d"]);
});
