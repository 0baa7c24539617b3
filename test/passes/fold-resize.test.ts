import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { foldResize } from "#nin-net/passes/fold-resize.js";
import { assertSameValues, opNames } from "./rewrites.js";

/** An image, enlarged, convolved; the result and the gradient with respect to the weights. */
function enlarged(
  images: number,
  [height, width]: readonly [number, number],
  scale: number,
  { kernel = 11, stride = 4, padding = 0, channels = 1 } = {},
): Graph {
  const x = input("x", [images, height, width, channels], "f32", "slice");
  const large = ops.resizeBilinear(x, { height: scale * height, width: scale * width });
  const w = state("w", [kernel, kernel, channels, 5]);
  const y = ops.conv2d(large, w, { stride, padding });
  const [dw] = gradients(y, [w], input("dy", y.type.shape, "f32", "slice"));
  return { outputs: { y, dw: ops.sumSlices(dw!) }, updates: new Map() };
}

for (const [title, size, scale, window] of [
  ["28 to 224, as the tutorial does", [28, 28], 8, {}],
  ["28 to 56", [28, 28], 2, {}],
  ["28 to 84: three phases that move by four pixels", [28, 28], 3, {}],
  ["28 to 112: one phase", [28, 28], 4, {}],
  ["an image that is not square, of three channels", [5, 9], 6, { kernel: 7, stride: 2, channels: 3 }],
  ["stride 1: as many phases as the scale", [6, 7], 4, { kernel: 5, stride: 1 }],
] as const) {
  test(`folds ${title}`, async () => {
    const trace = (images: number) => enlarged(images, size, scale, window);
    await assertSameValues(trace, foldResize, { images: 2, sliceSize: 1 });
    assert.deepEqual(opNames(foldResize(trace(1))).sort(), [
      "mixTaps",
      "mixTaps",
      "padEdge",
      "polyphaseConv2d",
      "polyphaseConv2dWeightGrad",
      "sumSlices",
    ]);
  });
}

test("folds the tutorial's 121 taps into 9", () => {
  const { y } = foldResize(enlarged(1, [28, 28], 8)).outputs;
  assert.ok(y?.kind === "op");
  assert.deepEqual(y.attrs, { offsets: [0, 1], stride: 1, kernel: 3, height: 54, width: 54 });
  assert.deepEqual(y.inputs[0]!.type.shape, [1, 30, 30, 1]);
});

test("leaves alone what it cannot fold or would not make smaller", () => {
  const shrunk = input("x", [1, 8, 8, 1], "f32", "slice");
  const uneven = ops.resizeBilinear(shrunk, { height: 20, width: 20 });
  const w = state("w", [5, 5, 1, 4]);
  for (const graph of [
    enlarged(1, [8, 8], 4, { padding: 2 }),
    enlarged(1, [8, 8], 4, { kernel: 3 }),
    { outputs: { y: ops.conv2d(uneven, w, { stride: 1, padding: 0 }) }, updates: new Map() },
  ]) {
    assert.deepEqual(opNames(foldResize(graph)), opNames(graph));
  }
});
