import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { NinNet } from "#nin-net/models/nin.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Session } from "#nin-net/train/session.js";
import { sliceSizeFor } from "#nin-net/train/slice-size.js";
import { patches } from "./patches.js";

test("eight images of 224 pixels, 32 of 112 through NinNet, 64 of a small network", () => {
  const of = (pixels: number) => sliceSizeFor(new NinNet(), [1, pixels, pixels]);
  assert.deepEqual([of(224), of(112)], [8, 32]);
  assert.equal(sliceSizeFor(new Conv2d(1, 4, 3), [1, 5, 5]), 64);
});

test("64 images of any size share a batch normalization, as far as there is room; a group normalization needs none", () => {
  const of = (norm: "batch" | "group", pixels: number) =>
    sliceSizeFor(new NinNet({ norm }), [1, pixels, pixels]);
  assert.deepEqual([of("batch", 67), of("batch", 224), of("batch", 448)], [64, 64, 16]);
  assert.equal(of("group", 224), 8);
});

test("gradients do not depend on the size of the batch that came first", async () => {
  using device = await openDevice("cpu", { threads: 2 });
  const net = () => {
    manualSeed(1);
    return new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Flatten(), new Linear(144, 3));
  };
  const [first] = patches(4, 4).batches(0);
  const [second] = patches(24, 24).batches(0);
  const position = { seed: 0, epoch: 0, step: 0 };
  const gradientsOf = async (batches: (typeof first)[]) => {
    using session = await Session.open(net(), device);
    let result: ReadonlyMap<string, Float32Array> | undefined;
    for (const batch of batches) {
      const [images, labels] = batch!;
      ({ gradients: result } = await session.gradients(images, labels, position));
    }
    return result;
  };
  assert.deepEqual(await gradientsOf([first, second]), await gradientsOf([second]));
});
