import assert from "node:assert/strict";
import { test } from "node:test";
import { largestActivationBytes, sliceSizeFor } from "#nin-net/backends/slice-size.js";
import { NinNet } from "#nin-net/models/nin.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { evaluationGraph, trainGraph } from "#nin-net/train/programs.js";

test("a power of two that keeps the largest activation below 12 MiB, from 1 to 64", () => {
  const mebibyte = 2 ** 20;
  assert.deepEqual(
    [1 / 64, 3 / 16, 0.2, 1, 1.5, 1.6, 6, 6.1, 12, 100].map((each) => sliceSizeFor(each * mebibyte)),
    [64, 64, 32, 8, 8, 4, 2, 1, 1, 1],
  );
});

test("no more than the batch needs", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 33, 64, 128].map((batch) => sliceSizeFor(1, batch)),
    [1, 2, 4, 4, 8, 64, 64, 64],
  );
  assert.equal(sliceSizeFor(2 ** 20, 5), 8);
});

test("Network in Network has slices of 8 images of 224 pixels, in training and evaluation", () => {
  const net = new NinNet();
  const parameters = new DeviceParameters(net);
  const bytesFor = (resize: number | undefined, images: number) => {
    const sizes = { height: 28, width: 28, resize };
    const graphs = [
      trainGraph(net, parameters, images, sizes, true),
      evaluationGraph(net, parameters, images, sizes),
    ];
    return graphs.map((graph) => largestActivationBytes(graph, images));
  };
  // 54 x 54 pixels of 96 channels, and 26 x 26 of 112 pixels.
  assert.deepEqual(bytesFor(224, 1), [1119744, 1119744]);
  assert.deepEqual(bytesFor(224, 3), [1119744, 1119744]);
  assert.deepEqual(bytesFor(112, 1), [259584, 259584]);
  assert.equal(sliceSizeFor(1119744, 128), 8);
  assert.equal(sliceSizeFor(259584, 128), 32);
});
