/** BatchNorm2d, GroupNorm, Sigmoid, Tanh and AvgPool2d through three steps of SGD, as real PyTorch takes them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { input } from "#nin-net/graph/node.js";
import type { Layer } from "#nin-net/nn/layer.js";
import { AvgPool2d } from "#nin-net/nn/layers/avg-pool-2d.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { GroupNorm } from "#nin-net/nn/layers/group-norm.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Sigmoid } from "#nin-net/nn/layers/sigmoid.js";
import { Tanh } from "#nin-net/nn/layers/tanh.js";
import { DeviceParameters, traceContext } from "#nin-net/nn/trace.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { Session } from "#nin-net/train/session.js";
import { checkGradient } from "../../ops/check-gradient.js";
import { leaf } from "../../ops/run.js";

interface Expected {
  readonly initial: Readonly<Record<string, readonly number[]>>;
  readonly losses: readonly number[];
  readonly final: Readonly<Record<string, readonly number[]>>;
  readonly evaluated: readonly number[];
}

const oracle = JSON.parse(readFileSync("test/oracle/normalization.json", "utf8")) as Record<string, Expected>;
const norms: Readonly<Record<string, () => Layer>> = {
  BatchNorm2d: () => new BatchNorm2d(4),
  "BatchNorm2d, plain": () => new BatchNorm2d(4, { affine: false, momentum: 0.3 }),
  GroupNorm: () => new GroupNorm(2, 4),
};

function networkOf(norm: Layer): Sequential {
  return new Sequential(
    new Conv2d(1, 4, 3),
    norm,
    new Sigmoid(),
    new AvgPool2d(2),
    new Conv2d(4, 3, 2),
    new Tanh(),
    new Flatten(),
  );
}

const labels = [
  [0, 1, 2, 0, 1],
  [2, 1, 0, 2, 2],
  [1, 0, 1, 2, 0],
];
const pixels = Uint8Array.from({ length: 3 * 5 * 36 }, (_, i) => (i * 37) % 256);

function batch(step: number) {
  const own = pixels.slice(step * 180, (step + 1) * 180);
  const data = Float32Array.from(own, (value) => value / 255);
  return {
    pixels: own,
    height: 6,
    width: 6,
    channels: 1,
    preprocessing: { resize: null, mean: null, std: null },
    shape: [5, 1, 6, 6],
    data,
  };
}

function close(got: ArrayLike<number>, want: readonly number[], tolerance: number, what: string): void {
  assert.equal(got.length, want.length, what);
  want.forEach((value, i) => {
    assert.ok(Math.abs(got[i]! - value) < tolerance, `${what}[${i}]: ${got[i]}, PyTorch's ${value}`);
  });
}

for (const [name, make] of Object.entries(norms)) {
  for (const [kind, tolerance] of [
    ["reference", 2e-6],
    ["cpu", 2e-5],
  ] as const) {
    test(`${name}: three steps on ${kind} are PyTorch's`, async () => {
      const { initial, losses, final, evaluated } = oracle[name]!;
      const net = networkOf(make());
      const shapes = Object.entries(net.stateDict()).map(([key, { shape }]) => [key, shape] as const);
      assert.deepEqual(
        shapes.map(([key]) => key),
        Object.keys(initial),
      );
      net.loadStateDict(
        Object.fromEntries(
          shapes.map(([key, shape]) => [key, new Tensor(shape, Float32Array.from(initial[key]!))]),
        ),
      );
      using device = await openDevice(kind);
      using session = await Session.open(net, device, { optimizer: sgd() });
      for (const [step, loss] of losses.entries()) {
        const own = Uint8Array.from(labels[step]!);
        const settings = { lr: 0.5, seed: 0, epoch: 0, step, stepsBefore: step };
        const { lossNatsSum } = await session.step(batch(step), own, settings);
        close([lossNatsSum / 5], [loss], tolerance, `loss of step ${step}`);
      }
      await session.pull();
      for (const [key, { data }] of Object.entries(net.stateDict())) close(data, final[key]!, tolerance, key);
      const { logits } = await session.evaluate(batch(0), Uint8Array.from(labels[0]!));
      close(logits, evaluated, tolerance, "logits in evaluation mode");
    });
  }

  test(`${name}: gradients in training mode match central differences`, () => {
    const layer = make();
    const x = leaf([3, 2, 3, 4]);
    const context = {
      ...traceContext("train", new DeviceParameters(layer)),
      parameter: ({ name: own, shape }: { name: string; shape: readonly number[] }) =>
        own === "weight" ? weight : leaf(shape),
      buffer: ({ shape }: { shape: readonly number[] }) => leaf(shape),
    };
    const weight = leaf([4], [0.5, 1.5, -1, 2]);
    const wrt = layer.parameters.length > 0 ? [x, weight] : [x];
    checkGradient(layer.trace(x, context), wrt);
  });
}

test("statistics are those of a slice; running ones of the whole batch", async () => {
  const layer = new BatchNorm2d(1, { affine: false });
  const parameters = new DeviceParameters(layer);
  using device = openReference();
  using held = await device.createState(parameters.values());
  const trace = (images: number) => {
    const context = traceContext("train", parameters);
    const y = layer.trace(input("x", [images, 1, 2, 1], "f32", "slice"), context);
    return { outputs: { y }, updates: new Map(context.updates) };
  };
  using program = device.compile(trace, held, { sliceSize: 2 });
  const x = Float32Array.of(0, 2, 4, 6, 10, 12);
  const { y } = await program.run({ x: { shape: [3, 1, 2, 1], dtype: "f32", data: x } });
  // Two images: mean 3, variance 5; one image: mean 11, variance 1.
  close(
    y!.data,
    [-3, -1, 1, 3]
      .map((value) => value / Math.sqrt(5 + 1e-5))
      .concat([-1, 1].map((v) => v / Math.sqrt(1 + 1e-5))),
    1e-6,
    "normalized",
  );
  await parameters.pull(held);
  close(layer.runningMean.data, [0.1 * ((2 * 3 + 11) / 3)], 1e-6, "running mean");
  close(layer.runningVar.data, [0.9 + 0.1 * ((2 * (20 / 3) + 2) / 3)], 1e-6, "running variance");
  assert.deepEqual([...layer.numBatchesTracked.data], [1]);
});

test("refuse what they cannot take", () => {
  assert.throws(() => new BatchNorm2d(3).outputShape([1, 4, 2, 2]), {
    message:
      "BatchNorm2d: got shape [1, 4, 2, 2], expected [N, 3, H, W]. Give images with as many channels as the layer " +
      "takes, or make it with numFeatures 4.",
  });
  assert.throws(
    () => new BatchNorm2d(3, { momentum: 2 }),
    /BatchNorm2d: got momentum 2, expected a number of 0 to 1/,
  );
  assert.throws(
    () => new GroupNorm(3, 4),
    /GroupNorm: got 4 channels in 3 groups, expected groups of one size/,
  );
  assert.equal(String(new BatchNorm2d(3)), "BatchNorm2d(3, eps=0.00001, momentum=0.1)");
});
