/** Training with the rewriting passes on and off: the losses stay together, though rounding differs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { syntheticDataset } from "#nin-net/data/datasets/synthetic.js";
import { NinNet } from "#nin-net/models/nin.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { batchInputs, scalarInputs, trainGraph } from "#nin-net/train/programs.js";
import { wideSimd } from "../backends/wide-simd.js";

const steps = 24;
const sizes = {
  channels: 1,
  height: 28,
  width: 28,
  preprocessing: { resize: [112, 112], mean: null, std: null },
} as const;

async function losses(without: readonly string[]): Promise<number[]> {
  const net = new NinNet({ dropout: 0 });
  const parameters = new DeviceParameters(net);
  using device = await openWasm({ threads: 2, simd: wideSimd });
  using state = await device.createState(parameters.values());
  using program = device.compile((images) => trainGraph(net, parameters, images, sizes, sgd()), state, {
    without,
  });
  const batches = new DataIterator((await syntheticDataset()).train, {
    batchSize: 16,
    resize: 112,
    limit: 16 * steps,
  });
  const found: number[] = [];
  for (const [images, labels] of batches.batches(0)) {
    const { randomKey: _, ...given } = batchInputs(images, labels, { seed: 0, epoch: 0, step: found.length });
    const inputs = { ...given, ...scalarInputs(sgd().scalars({ lr: 0.1, step: found.length })) };
    const { lossSum } = await program.run(inputs);
    found.push(lossSum!.data[0]! / labels.length);
  }
  return found;
}

test("losses with and without passes track each other over training steps", async () => {
  const rewritten = await losses([]);
  const plain = await losses(["all"]);
  assert.equal(rewritten.length, steps);
  rewritten.forEach((loss, step) => {
    const apart = Math.abs(loss - plain[step]!);
    assert.ok(apart < 1e-3, `step ${step}: loss ${loss} with passes, ${plain[step]} without`);
  });
});
