import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { syntheticSplit } from "#nin-net/data/datasets/synthetic.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { type Communicator, soloCommunicator } from "#nin-net/ranks/communicator.js";
import { evaluate } from "#nin-net/train/evaluate.js";
import { type TrainChOptions, trainCh } from "#nin-net/train/train-ch.js";
import { tinyNet } from "../faults/tiny-net.js";
import { ranksInProcess } from "./in-process.js";

const trainIter = new DataIterator(syntheticSplit(2, 0, 13), { batchSize: 7, seed: 3, shuffle: true });
const testIter = new DataIterator(syntheticSplit(2, 1, 9), { batchSize: 5 });
const options = { epochs: 1, lr: 0.1, seed: 5, slice: 1 };

async function trained(
  device: "cpu" | "reference",
  communicator: Communicator,
  more: Partial<TrainChOptions> = {},
  seed = 1,
): Promise<object> {
  using opened = await openDevice(device, { threads: 1 });
  manualSeed(seed);
  const net = tinyNet();
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const result = await trainCh(net, trainIter, testIter, {
    ...options,
    ...more,
    device: opened,
    communicator,
    log,
  });
  const evaluated = await evaluate(net, testIter, { device: opened, communicator });
  const clocks = { seconds: 0, imagesPerSecond: 0, exchangeSeconds: 0 };
  const curves = result.epochs.map((epoch) => ({ ...epoch, ...clocks }));
  return { weights: net.stateDict(), curves, evaluated, prints: lines.length > 0 };
}

for (const device of ["cpu", "reference"] as const) {
  test(`on the device ${device}, three ranks train and evaluate as one process does, to the bit`, async () => {
    const alone = await trained(device, soloCommunicator);
    const ranks = await Promise.all(ranksInProcess(3).map((each) => trained(device, each)));
    assert.deepEqual(ranks, [alone, { ...alone, prints: false }, { ...alone, prints: false }]);
  });
}

test("ranks that have come to different weights are noticed after the epoch", async () => {
  const ends = await Promise.allSettled(
    ranksInProcess(2).map((each) => trained("reference", each, {}, 1 + each.rank)),
  );
  for (const end of ends) {
    assert.equal(end.status, "rejected");
    assert.match(
      String((end as PromiseRejectedResult).reason),
      /^NinError: Rank 1 on localhost has come to other weights than rank 0 in epoch 1\. /,
    );
  }
});
