import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { arrayDataset } from "#nin-net/data/array-dataset.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { imageBatch } from "#nin-net/inference/predict.js";
import { Predictor } from "#nin-net/inference/predictor.js";
import { LeNet } from "#nin-net/models/lenet.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { BatchSource, PixelBatch } from "#nin-net/train/batch-source.js";
import { evaluate } from "#nin-net/train/evaluate.js";

const device = openReference();
const net = (): Sequential => new Sequential(new Flatten(), new Linear(16, 3));
const image = { channels: 1, height: 4, width: 4 };

/** One batch, given as whatever a caller has. */
function source(images: unknown, labels: Uint8Array): BatchSource {
  return {
    count: labels.length,
    batchSize: labels.length,
    batchCount: 1,
    batches: () => [[images as PixelBatch, labels] as const],
  };
}

const fix = "Say what the images are as stored, such as { channels: 1, height: 28, width: 28 }.";
const noHeight = `got images of height undefined, expected channels, height and width as whole numbers of at least 1. ${fix}`;

test("images whose size nobody says are refused by the side that is missing", async () => {
  const halves = { images: new Uint8Array(16), labels: Uint8Array.of(0) };
  const split = { ...halves, count: 1, channels: 1 } as never;
  assert.throws(() => new DataIterator(split, { batchSize: 1 }), {
    name: "ShapeError",
    message: `DataIterator: ${noHeight}`,
  });
  assert.throws(() => imageBatch([], { channels: 1 } as never), { message: `ImageBatch: ${noHeight}` });
  await assert.rejects(Predictor.open(net(), { image: { channels: 1 } as never, device }), {
    message: `Predictor: ${noHeight}`,
  });
  await assert.rejects(
    arrayDataset({
      name: "mine",
      image: { channels: 1 } as never,
      classes: ["a"],
      train: halves,
      test: halves,
    }),
    { message: `data set mine: ${noHeight}` },
  );
});

test("a tensor in the place of a batch is refused", async () => {
  const images = new Tensor([1, 1, 4, 4], new Float32Array(16));
  await assert.rejects(evaluate(net(), source(images, Uint8Array.of(0)), { device }), {
    name: "ShapeError",
    message:
      "batch: got images without their bytes, expected images as stored, in pixels, with channels, height, width and " +
      "preprocessing. Take batches from a DataIterator, or make them with imageBatch.",
  });
});

test("a batch whose bytes are not an image for each label says how many they are and what is expected", async () => {
  const images = imageBatch([new Uint8Array(16), new Uint8Array(16)], image);
  await assert.rejects(evaluate(net(), source(images, Uint8Array.of(0, 1, 2)), { device }), {
    name: "ShapeError",
    message:
      "batch: got 32 bytes, which are 2 images, for 3 labels, expected 48: an image of 16 bytes (4 x 4 pixels, " +
      "1 channel) for each label. Give each image one label, and say how large the images are as stored.",
  });
  const bytes = { images: new Uint8Array(30), labels: Uint8Array.of(0) };
  const options = { name: "mine", classes: ["a"], image: { channels: 3, height: 2, width: 2 } };
  await assert.rejects(arrayDataset({ ...options, train: bytes, test: bytes }), {
    message:
      "data set mine: got 30 bytes for 1 label, expected 12: an image of 12 bytes (2 x 2 pixels, 3 channels) for each " +
      "label. Give each image one label, and say how large the images are as stored.",
  });
});

test("a batch of another size than the network takes is refused by the layer that cannot take it", async () => {
  const large = imageBatch([new Uint8Array(1024)], { channels: 1, height: 32, width: 32 });
  await assert.rejects(evaluate(new LeNet(), source(large, Uint8Array.of(0)), { device }), (error: Error) => {
    assert.match(error.message, /^LeNet layer \d+ \(Linear\): got shape \[1, 576\], expected \[N, 400\]\. /);
    return true;
  });
});
