import assert from "node:assert/strict";
import { test } from "node:test";
import { AlexNet } from "#nin-net/models/alexnet.js";
import { createModel } from "#nin-net/models/models.js";
import { summaryLines } from "#nin-net/nn/summary.js";

test("its layers are d2l.ai's, 46,764,746 parameters", () => {
  const net = new AlexNet();
  assert.deepEqual(
    summaryLines(net, [1, 1, 224, 224]).filter((line) => !line.startsWith("ReLU")),
    [
      "Conv2d output shape: [1, 96, 54, 54]",
      "MaxPool2d output shape: [1, 96, 26, 26]",
      "Conv2d output shape: [1, 256, 26, 26]",
      "MaxPool2d output shape: [1, 256, 12, 12]",
      "Conv2d output shape: [1, 384, 12, 12]",
      "Conv2d output shape: [1, 384, 12, 12]",
      "Conv2d output shape: [1, 256, 12, 12]",
      "MaxPool2d output shape: [1, 256, 5, 5]",
      "Flatten output shape: [1, 6400]",
      "Linear output shape: [1, 4096]",
      "Dropout output shape: [1, 4096]",
      "Linear output shape: [1, 4096]",
      "Dropout output shape: [1, 4096]",
      "Linear output shape: [1, 10]",
    ],
  );
  assert.equal(net.parameterCount, 46_764_746);
  assert.equal(createModel("alexnet", { channels: 1, classes: 10 }).parameterCount, 46_764_746);
});

test("its weights have d2l.ai's names", () => {
  const names = [0, 3, 6, 8, 10, 14, 17, 20].flatMap((layer) => [`net.${layer}.weight`, `net.${layer}.bias`]);
  const named = new AlexNet().namedParameters();
  assert.deepEqual(
    named.map(([name]) => name),
    names,
  );
  assert.deepEqual(new Map(named).get("net.14.weight")!.shape, [4096, 6400]);
});

test("takes other channels, classes and sizes from 65 on", () => {
  const net = new AlexNet({ inChannels: 3, classes: 7, size: [65, 130], dropout: 0 });
  assert.deepEqual(net.outputShape([2, 3, 65, 130]), [2, 7]);
  assert.throws(() => new AlexNet({ size: [64, 64] }), {
    name: "ShapeError",
    message:
      /^AlexNet layer 12 \(MaxPool2d\): got shape \[1, 256, 2, 2\], expected images of at least 3x3 pixels/,
  });
});
