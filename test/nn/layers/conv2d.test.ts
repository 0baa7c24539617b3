import assert from "node:assert/strict";
import { test } from "node:test";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { run } from "../run.js";

test("convolves, worked by hand", async () => {
  const layer = new Conv2d(1, 2, 2);
  layer.weight.data = Float32Array.of(1, 0, 0, 1, /* second kernel */ 0, 2, 0, 0);
  layer.bias!.data = Float32Array.of(0, 100);
  const y = await run(layer, [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(y.shape, [1, 2, 1, 2]);
  assert.deepEqual([...y.data], [1 + 5, 2 + 6, 104, 106]);
});

test("sums over channels, with stride and padding, without bias", async () => {
  const layer = new Conv2d(2, 1, 1, { stride: 2, padding: 1, bias: false });
  layer.weight.data = Float32Array.of(1, 10);
  const y = await run(layer, [1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  // Padded to 4x4; every second pixel from the corner: three are padding, one is the last image pixel.
  assert.deepEqual(y.shape, [1, 1, 2, 2]);
  assert.deepEqual([...y.data], [0, 0, 0, 4 + 80]);
  assert.equal(layer.bias, null);
  assert.deepEqual(Object.keys(layer.stateDict()), ["weight"]);
});

test("output shape as PyTorch gives it", () => {
  assert.deepEqual(new Conv2d(1, 96, 11, { stride: 4 }).outputShape([2, 1, 224, 224]), [2, 96, 54, 54]);
  assert.deepEqual(new Conv2d(3, 8, 5, { padding: 2 }).outputShape([1, 3, 7, 9]), [1, 8, 7, 9]);
});

test("multiply-adds: weights times output pixels", () => {
  assert.equal(new Conv2d(2, 3, 5).multiplyAdds([4, 2, 6, 7]), 4 * 2 * 3 * (3 * 2 * 25));
});

test("initial weights are uniform in +-1/sqrt(fan in)", () => {
  const layer = new Conv2d(4, 50, 3);
  const bound = 1 / Math.sqrt(4 * 9);
  for (const { data } of [layer.weight, layer.bias!]) {
    assert.ok(data.every((value) => Math.abs(value) <= bound));
    assert.ok(data.some((value) => value > 0.8 * bound) && data.some((value) => value < -0.8 * bound));
  }
});

test("refuses other channels, too small images, missing axes, empty batches", () => {
  const layer = new Conv2d(3, 8, 5, { padding: 1 });
  assert.throws(() => layer.outputShape([1, 1, 28, 28]), {
    name: "ShapeError",
    message:
      "Conv2d: got shape [1, 1, 28, 28], expected [N, 3, H, W]. Give images with as many channels as the layer takes, or make it with inChannels 1.",
  });
  assert.throws(() => layer.outputShape([1, 3, 2, 28]), {
    message:
      "Conv2d: got shape [1, 3, 2, 28], expected images of at least 3x3 pixels for kernel 5 with padding 1. Use larger images (resize), a smaller kernel or more padding.",
  });
  assert.throws(() => layer.outputShape([3, 28, 28]), {
    message:
      "Conv2d: got shape [3, 28, 28], expected [N, C, H, W]. Add a batch axis with x.reshape([1, ...x.shape]).",
  });
  assert.throws(
    () => layer.outputShape([0, 3, 28, 28]),
    /got shape \[0, 3, 28, 28\], expected whole numbers/,
  );
});

test("refuses sizes that are zero, negative or no whole numbers", () => {
  assert.throws(() => new Conv2d(1, 96, 0), {
    name: "ShapeError",
    message: "Conv2d: got kernelSize 0, expected a whole number of at least 1. Pass a different kernelSize.",
  });
  assert.throws(() => new Conv2d(0, 1, 1), /got inChannels 0/);
  assert.throws(() => new Conv2d(1, -2, 1), /got outChannels -2/);
  assert.throws(() => new Conv2d(1, 1, 2.5), /got kernelSize 2.5/);
  assert.throws(() => new Conv2d(1, 1, 1, { stride: 0 }), /got stride 0/);
  assert.throws(
    () => new Conv2d(1, 1, 1, { padding: -1 }),
    /got padding -1, expected a whole number of at least 0/,
  );
});
