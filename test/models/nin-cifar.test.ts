import assert from "node:assert/strict";
import { test } from "node:test";
import { NinCifar } from "#nin-net/models/nin-cifar.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import type { Sequential } from "#nin-net/nn/layers/sequential.js";
import { summaryLines } from "#nin-net/nn/summary.js";

test("its layers are the paper's, 966,986 parameters", () => {
  const net = new NinCifar();
  assert.deepEqual(summaryLines(net, [1, 3, 32, 32]), [
    "Sequential output shape: [1, 96, 32, 32]",
    "MaxPool2d output shape: [1, 96, 16, 16]",
    "Dropout output shape: [1, 96, 16, 16]",
    "Sequential output shape: [1, 192, 16, 16]",
    "AvgPool2d output shape: [1, 192, 8, 8]",
    "Dropout output shape: [1, 192, 8, 8]",
    "Sequential output shape: [1, 10, 8, 8]",
    "AdaptiveAvgPool2d output shape: [1, 10, 1, 1]",
    "Flatten output shape: [1, 10]",
  ]);
  // Worked by hand: kernels and biases, block by block.
  const first = 25 * 3 * 192 + 192 + (192 * 160 + 160) + (160 * 96 + 96);
  const second = 25 * 96 * 192 + 192 + 2 * (192 * 192 + 192);
  const third = 9 * 192 * 192 + 192 + (192 * 192 + 192) + (192 * 10 + 10);
  assert.equal(net.parameterCount, first + second + third);
  assert.equal(net.parameterCount, 966_986);
});

test("batch normalization is an option; a ReLU follows the class maps unless told not to", () => {
  const net = new NinCifar({ norm: "batch", inChannels: 1, classes: 4, lastRelu: false });
  const [block] = net.layers as [Sequential];
  assert.ok(block.at(1) instanceof BatchNorm2d);
  assert.deepEqual(net.outputShape([2, 1, 28, 28]), [2, 4]);
  const last = net.layers[6] as Sequential;
  assert.equal(last.at(-1)!.kind, "Conv2d");
  assert.equal((new NinCifar().layers[6] as Sequential).at(-1)!.kind, "ReLU");
});
