/** Training with 16-bit activations learns what training in float32 does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import type { Precision } from "#nin-net/backends/webgpu/options.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { syntheticDataset } from "#nin-net/data/datasets/synthetic.js";
import { initialiseParameters, uniformFanIn, xavierUniform } from "#nin-net/nn/initializers.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Tanh } from "#nin-net/nn/layers/tanh.js";
import type { Loss } from "#nin-net/nn/losses.js";
import { meanClasses } from "#nin-net/ops/composites/classes.js";
import { ops } from "#nin-net/ops/ops.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { Session } from "#nin-net/train/session.js";
import { noGpu } from "../backends/software-gpu.js";
import { patches } from "./patches.js";

const skip = await noGpu();
const steps = 120;

function initialiseXavier(net: Sequential): void {
  const parameters = net.namedParameters().map(([, parameter]) => parameter);
  initialiseParameters(parameters, ({ name }) => (name === "bias" ? uniformFanIn : xavierUniform()), 5);
}

/** Losses of each step, in nats an image. */
async function losses(precision: Precision): Promise<number[]> {
  const net = new Sequential(
    new Conv2d(1, 16, 5, { stride: 2 }),
    new ReLU(),
    new Conv2d(16, 16, 1),
    new ReLU(),
    new MaxPool2d(3, { stride: 2 }),
    new Flatten(),
    new Linear(16 * 5 * 5, 10),
  );
  initialiseXavier(net);
  using device = await openWebGpu({ allowSoftware: true, precision });
  using session = await Session.open(net, device, { optimizer: sgd({ momentum: 0.9 }) });
  const { train } = await syntheticDataset();
  const found: number[] = [];
  for (const [images, labels] of new DataIterator(train, { batchSize: 16, limit: 16 * steps }).batches(0)) {
    const settings = {
      lr: 0.05,
      seed: 0,
      epoch: 0,
      step: found.length,
      stepsBefore: found.length,
    };
    const { lossNatsSum } = await session.step(images, labels, settings);
    found.push(lossNatsSum / labels.length);
  }
  return found;
}

test("losses in f16 and f32 go down together", { skip }, async () => {
  const [half, full] = [await losses("f16"), await losses("f32")];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [start, atEnd, atEndInHalf] = [full.slice(0, 20), full.slice(-20), half.slice(-20)].map(mean);
  assert.ok(atEnd! < 0.5 * start!, `float32 learns: ${start}, then ${atEnd}`);
  assert.ok(atEndInHalf! < 1.2 * atEnd!, `16 bits learn as well: ${atEndInHalf}, not ${atEnd}`);
});

/** A small loss: gradients of its activations are about 1e-7, where 16 bits count in steps of 6e-8. */
const smallSquaredError: Loss = (logits, labels) => {
  const squares = definePointwise("squares", (x, label) => x.sub(label).mul(x.sub(label)).mul(1e-4));
  return meanClasses(squares(logits, ops.oneHot(labels, logits)));
};

test("16 bits hold the gradients of a custom loss", { skip }, async () => {
  const net = new Sequential(
    new Conv2d(1, 8, 3),
    new Tanh(),
    new Conv2d(8, 8, 3),
    new Tanh(),
    new Flatten(),
    new Linear(8 * 16, 3),
  );
  initialiseXavier(net);
  const [first] = patches(24, 24).batches(0);
  const gradientsOn = async (device: Device) => {
    using session = await Session.open(net, device, { loss: smallSquaredError });
    return (await session.gradients(...first!, { seed: 0, epoch: 0, step: 0 })).gradients;
  };
  using gpu = await openWebGpu({ allowSoftware: true, precision: "f16" });
  using reference = openReference();
  const [got, want] = [await gradientsOn(gpu), await gradientsOn(reference)];
  for (const [name, values] of want) {
    const apart = Math.hypot(...values.map((value, i) => value - got.get(name)![i]!));
    const off = apart / Math.hypot(...values);
    assert.ok(off < 5e-3, `${name} is off by ${off} relative L2`);
  }
});
