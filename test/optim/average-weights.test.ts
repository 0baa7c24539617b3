import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { averageScalars } from "#nin-net/optim/average-weights.js";
import { sgd } from "#nin-net/optim/sgd.js";
import type { PixelBatch } from "#nin-net/train/batch-source.js";
import { Session } from "#nin-net/train/session.js";

type Values = Readonly<Record<string, readonly number[]>>;

/** By test/oracle/averages.py, with PyTorch's AveragedModel in float64. */
const oracle = JSON.parse(
  readFileSync(new URL("../../../test/oracle/averages.json", import.meta.url), "utf8"),
) as {
  readonly decay: number;
  readonly lr: number;
  readonly momentum: number;
  readonly initial: Values;
  readonly batches: readonly { readonly pixels: readonly number[]; readonly labels: readonly number[] }[];
  readonly after: readonly { readonly weights: Values; readonly averages: Values }[];
  readonly scores: readonly number[];
};

function oracleNet(): Sequential {
  const net = new Sequential(
    new Conv2d(1, 2, 3),
    new BatchNorm2d(2),
    new ReLU(),
    new Flatten(),
    new Linear(18, 3),
  );
  const shapes = net.namedState().map(([name, { shape }]) => [name, shape] as const);
  net.loadStateDict(
    Object.fromEntries(
      shapes.map(([name, shape]) => [name, new Tensor(shape, Float32Array.from(oracle.initial[name]!))]),
    ),
  );
  return net;
}

function batchOf({ pixels, labels }: (typeof oracle.batches)[number]): [PixelBatch, Uint8Array] {
  const batch = {
    pixels: Uint8Array.from(pixels),
    height: 5,
    width: 5,
    channels: 1,
    preprocessing: { resize: null, mean: null, std: null },
    shape: [labels.length, 1, 5, 5],
    data: Float32Array.from(pixels, (value) => value / 255),
  };
  return [batch, Uint8Array.from(labels)];
}

function assertClose(got: Readonly<Record<string, Tensor>>, want: Values, what: string): void {
  assert.deepEqual(Object.keys(got).sort(), Object.keys(want).sort());
  for (const [name, { data }] of Object.entries(got)) {
    // PyTorch averages counts too, and cuts the fractions off.
    if (name.endsWith("num_batches_tracked")) continue;
    want[name]!.forEach((value, i) => {
      assert.ok(Math.abs(data[i]! - value) < 1e-6, `${what} ${name}[${i}]: ${data[i]}, PyTorch's ${value}`);
    });
  }
}

for (const kind of ["reference", "cpu"] as const) {
  test(`three steps' averages of weights and running statistics on ${kind} are PyTorch's`, async () => {
    using device = kind === "reference" ? openReference() : await openWasm({ threads: 2 });
    const net = oracleNet();
    const { decay: ema, lr, momentum } = oracle;
    using session = await Session.open(net, device, { optimizer: sgd({ momentum }), ema });
    for (const [step, given] of oracle.batches.entries()) {
      await session.step(...batchOf(given), { lr, seed: 0, epoch: 0, step, stepsBefore: step });
      const { weights, averages } = await session.snapshot();
      assertClose(weights, oracle.after[step]!.weights, `step ${step}: weights`);
      assertClose(averages!, oracle.after[step]!.averages, `step ${step}: averages`);
      // A count of batches is no average.
      assert.deepEqual([...averages!["1.num_batches_tracked"]!.data], [step + 1]);
    }
    const { logits } = await session.evaluate(...batchOf(oracle.batches[0]!));
    oracle.scores.forEach((value, i) => {
      assert.ok(Math.abs(logits[i]! - value) < 2e-6, `score ${i}: ${logits[i]}, PyTorch's ${value}`);
    });
    await session.pull();
    assert.deepEqual(net.stateDict(), (await session.snapshot()).averages);
  });
}

test("before the first step the averages are the weights, and after it the new ones", async () => {
  const net = oracleNet();
  using session = await Session.open(net, openReference(), { optimizer: sgd(), ema: 0.999 });
  const before = await session.snapshot();
  assert.deepEqual(before.averages, before.weights);
  await session.step(...batchOf(oracle.batches[0]!), { lr: 0.1, seed: 0, epoch: 0, step: 0, stepsBefore: 0 });
  const after = await session.snapshot();
  assert.notDeepEqual(after.weights, before.weights);
  assert.deepEqual(after.averages, after.weights);
  assert.deepEqual(averageScalars(0.75, 0), { averageDecay: 0, averageRest: 1 });
  assert.deepEqual(averageScalars(0.75, 1), { averageDecay: 0.75, averageRest: 0.25 });
});

test("a state without averages does not continue a training that keeps them", async () => {
  using session = await Session.open(oracleNet(), openReference(), { optimizer: sgd(), ema: 0.5 });
  const { weights, optimizer } = await session.snapshot();
  await assert.rejects(session.restore({ weights, optimizer }), {
    message:
      "Sequential: the state has no average of 0.weight, expected one for each weight. " +
      "Go on from a state that was kept by training with the same optimizer and averages.",
  });
});
