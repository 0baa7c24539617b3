/** Slices on a GPU: sums in the same tree as on the CPU, statistics over the images of a slice. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CompileOptions, Device } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Tanh } from "#nin-net/nn/layers/tanh.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { Session } from "#nin-net/train/session.js";
import { patches } from "../train/patches.js";
import { noGpu } from "./software-gpu.js";
import { byHand, counts, sums, whole } from "./summed-slices.js";

const skip = await noGpu();

/** Three steps of training: the losses, and everything that the network keeps after them. */
async function train(device: Device, { images, slice }: { images: number; slice: number | undefined }) {
  manualSeed(1);
  const net = new Sequential(
    new Conv2d(1, 4, 3),
    new BatchNorm2d(4),
    new Tanh(),
    new Conv2d(4, 4, 3, { stride: 2 }),
    new BatchNorm2d(4, { affine: false, momentum: 0.3 }),
    new Flatten(),
    new Linear(16, 3),
  );
  using session = await Session.open(net, device, { optimizer: sgd({ momentum: 0.9 }), slice });
  const values = new Map<string, ArrayLike<number>>();
  for (const [pixels, labels] of patches(3 * images, images).batches(0)) {
    const step = values.size;
    const settings = { lr: 0.1, seed: 0, epoch: 0, step, stepsBefore: step };
    const { lossNatsSum } = await session.step(pixels, labels, settings);
    values.set(`loss of step ${step}`, [lossNatsSum / images]);
  }
  await session.pull();
  for (const [name, { data }] of Object.entries(net.stateDict())) values.set(name, data);
  const [first] = patches(images, images).batches(0);
  values.set("logits", (await session.evaluate(...first!)).logits);
  return values;
}

describe("slices on a GPU", { skip }, () => {
  test("a step's sums have the bits of the tree built by hand, whatever batch came before", async () => {
    using device = await openWebGpu({ allowSoftware: true });
    // The last one after deeper stacks of partial sums.
    const slices = [...counts, 3];
    const [found, want] = [await sums(device, slices, whole), await sums(device, slices, byHand)];
    for (const [i, values] of want.entries()) {
      for (const [name, data] of Object.entries(values)) {
        assert.deepEqual(found[i]![name], data, `${name} of ${slices[i]} slices`);
      }
    }
  });

  for (const [what, batch, sliceSize] of [
    ["of a chosen size", { images: 11, slice: 4 }, 4],
    ["whose size follows from the shapes", { images: 150, slice: undefined }, 64],
  ] as const) {
    test(`batch normalization over slices ${what}: three steps are those of the reference`, async () => {
      using device = await openWebGpu({ allowSoftware: true });
      const compiled: CompileOptions[] = [];
      const compile = device.compile.bind(device);
      device.compile = (trace, state, options = {}) => {
        compiled.push(options);
        return compile(trace, state, options);
      };
      using reference = openReference();
      const [got, want] = [await train(device, batch), await train(reference, batch)];
      for (const [name, values] of want) {
        const size = Math.hypot(...Array.from(values));
        const apart = Math.hypot(...Array.from(values, (value, i) => value - got.get(name)![i]!));
        assert.ok(apart <= 1e-4 * size, `${name}: off by ${apart / size}`);
      }
      // In evaluation no image depends on another one: all at once.
      assert.deepEqual(
        compiled.map((options) => options.sliceSize),
        [sliceSize, undefined],
      );
    });
  }
});
