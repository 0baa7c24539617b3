import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { NinNet } from "#nin-net/models/nin.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { sgd } from "#nin-net/optim/sgd.js";
import type { EpochEvent, StepEvent } from "#nin-net/train/events.js";
import { type LoopEvent, trainingLoop } from "#nin-net/train/loop.js";
import { patches } from "./patches.js";

function small({ seed = 0, dropout = 0 } = {}): Sequential {
  manualSeed(seed);
  return new Sequential(
    new Conv2d(1, 4, 3, { stride: 2 }),
    new ReLU(),
    new MaxPool2d(2, { stride: 1 }),
    new Dropout(dropout),
    new Flatten(),
    new Linear(16, 3),
  );
}

const settings = { epochs: 2, lr: 0.5, seed: 0 };

async function collect(events: AsyncIterable<LoopEvent>): Promise<LoopEvent[]> {
  const all: LoopEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const stepsOf = (events: readonly LoopEvent[]): StepEvent[] =>
  events.filter((event) => event.kind === "step");

test("events come in order, and the net learns", async () => {
  const device = openReference();
  const net = small();
  const events = await collect(
    trainingLoop(net, patches(30, 8), patches(9, 9), { ...settings, epochs: 25 }, { device }),
  );
  const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== "notice");
  const epoch = ["step", "step", "step", "step", "epoch"];
  assert.deepEqual(kinds, [...Array.from({ length: 25 }, () => epoch).flat(), "done"]);
  const done = events.at(-1)!;
  assert.ok(done.kind === "done" && done.reason === "finished");
  assert.equal(done.testAccuracy, 1);
  assert.ok(done.trainLossNats! < 0.3, `loss ${done.trainLossNats}`);
  assert.equal(done.run, null);
  const [first] = stepsOf(events);
  assert.deepEqual([first!.epoch, first!.step, first!.steps], [1, 1, 4]);
});

test("running means weigh every image alike, the short last batch too", async () => {
  const device = openReference();
  const events = await collect(
    trainingLoop(small(), patches(11, 8), patches(9, 9), { ...settings, epochs: 1 }, { device }),
  );
  const [first, second] = stepsOf(events);
  const epoch = events.find((event): event is EpochEvent => event.kind === "epoch")!;
  assert.equal(first!.lossNats, first!.batchLossNats);
  const mean = (8 * first!.batchLossNats + 3 * second!.batchLossNats) / 11;
  assert.ok(Math.abs(second!.lossNats - mean) < 1e-6);
  assert.equal(epoch.trainLossNats, second!.lossNats);
  assert.equal(epoch.trainAccuracy, second!.accuracy);
  assert.ok(Number.isInteger(Math.round(second!.accuracy * 11 * 1e6) / 1e6));
});

test("one step is w - lr gradient: the loss falls by lr times the gradient's square", async () => {
  const device = openReference();
  const lr = 1e-3;
  const before = small();
  const after = small();
  const [first, second] = stepsOf(
    await collect(trainingLoop(after, patches(6, 6), patches(6, 6), { ...settings, lr }, { device })),
  );
  // Two epochs of one batch: the second loss is that after one step; after the run two steps were done.
  let moved = 0;
  const was = before.stateDict();
  for (const [name, { data }] of Object.entries(after.stateDict())) {
    data.forEach((value, i) => {
      moved += (value - was[name]!.data[i]!) ** 2;
    });
  }
  const slopeSquared = moved / (2 * lr) ** 2;
  const fall = first!.batchLossNats - second!.batchLossNats;
  assert.ok(
    Math.abs(fall / (lr * slopeSquared) - 1) < 0.02,
    `fell by ${fall}, expected ${lr * slopeSquared}`,
  );
});

test("momentum adds up steps as PyTorch's SGD: v = m v + g, w = w - lr v", async () => {
  // With a tiny learning rate the gradient g hardly changes: steps of g, then (1 + m) g, then (1 + m + m^2) g.
  const device = openReference();
  const distance = async (momentum: number): Promise<number> => {
    const net = small();
    const start = net.stateDict()["5.weight"]!.data;
    const slow = { epochs: 3, lr: 1e-4, optimizer: sgd({ momentum }), seed: 0 };
    await collect(trainingLoop(net, patches(6, 6), patches(6, 6), slow, { device }));
    const end = net.stateDict()["5.weight"]!.data;
    return Math.hypot(...end.map((value, i) => value - start[i]!));
  };
  const ratio = (await distance(0.5)) / (await distance(0));
  assert.ok(Math.abs(ratio - (1 + 1.5 + 1.75) / 3) < 1e-2, `ratio ${ratio}`);
});

test("an aborted signal stops after the current step, with the weights of that step", async () => {
  const device = openReference();
  const controller = new AbortController();
  const net = small();
  const events: LoopEvent[] = [];
  const options = { device, signal: controller.signal };
  for await (const event of trainingLoop(net, patches(30, 8), patches(9, 9), settings, options)) {
    events.push(event);
    if (event.kind === "step" && event.step === 2) controller.abort();
  }
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["step", "step", "done"],
  );
  const done = events.at(-1)!;
  assert.ok(done.kind === "done" && done.reason === "stopped" && done.testAccuracy === null);
  assert.equal(done.trainLossNats, stepsOf(events)[1]!.lossNats);

  // The same two steps as a run of their own: 16 images are two batches.
  const twin = small();
  await collect(trainingLoop(twin, patches(16, 8), patches(9, 9), { ...settings, epochs: 1 }, { device }));
  assert.deepEqual(net.stateDict(), twin.stateDict());
});

test("a signal aborted beforehand: no step is done", async () => {
  const device = openReference();
  const options = { device, signal: AbortSignal.abort() };
  const events = await collect(trainingLoop(small(), patches(8, 8), patches(9, 9), settings, options));
  assert.equal(events.length, 1);
  const done = events[0]!;
  assert.ok(done.kind === "done" && done.reason === "stopped" && done.trainLossNats === null);
  assert.equal(done.imagesPerSecond, 0);
});

test("whoever leaves the loop early finds the trained weights in the net", async () => {
  const device = openReference();
  const net = small();
  const before = net.stateDict();
  for await (const _event of trainingLoop(net, patches(30, 8), patches(9, 9), settings, { device })) break;
  assert.notDeepEqual(net.stateDict(), before);
});

test("seed, epoch and step decide what dropout drops", async () => {
  const device = openReference();
  const losses = async (seed: number): Promise<number[]> => {
    const net = small({ dropout: 0.5 });
    const still = { epochs: 2, lr: 1e-12, seed };
    // The same six images in both batches: only dropout tells the losses apart.
    const events = await collect(trainingLoop(net, twice(6), patches(6, 6), still, { device }));
    return stepsOf(events).map(({ batchLossNats }) => batchLossNats);
  };
  const first = await losses(1);
  assert.equal(new Set(first).size, 4, `${first}`);
  assert.deepEqual(await losses(1), first);
  assert.notDeepEqual(await losses(2), first);
});

function twice(count: number): ReturnType<typeof patches> {
  const source = patches(count, count);
  return {
    count: 2 * count,
    batchSize: count,
    batchCount: 2,
    *batches(epoch) {
      yield* source.batches(epoch);
      yield* source.batches(epoch);
    },
  };
}

test("evaluation leaves dropout out", async () => {
  const device = openReference();
  const still = { epochs: 1, lr: 1e-12, seed: 0 };
  const lossOf = async (dropout: number): Promise<number> => {
    const events = await collect(
      trainingLoop(small({ dropout }), patches(6, 6), patches(6, 6), still, { device }),
    );
    return events.find((event): event is EpochEvent => event.kind === "epoch")!.testLossNats;
  };
  assert.equal(await lossOf(0.9), await lossOf(0));
});

test("a class map that the last ReLU has shut off is told after the epoch, and briefly after the next", async () => {
  const device = openReference();
  const net = new Sequential(small(), new ReLU());
  const weights = net.stateDict();
  net.loadStateDict({ ...weights, "0.5.bias": { shape: [3], data: Float32Array.of(1, 1, -1e3) } });
  const slow = { ...settings, lr: 0.01 };
  const classes = ["above", "below", "left"];
  const events = await collect(trainingLoop(net, patches(9, 9), patches(9, 9), slow, { device, classes }));
  const [first, second] = events.filter((event) => event.kind === "deadClassMaps");
  assert.deepEqual([first?.epoch, first?.classes, first?.maps], [1, ["left"], 3]);
  assert.match(
    first?.message ?? "",
    /^1 of 3 class maps \(left\) give 0 for every test image: .* hardly more than 67 % of the images/,
  );
  assert.equal(second?.message, "Still 0 for every test image after epoch 2: the class maps of left.");
});

test("images too small for the net, and labels beyond its classes, are refused by name", async () => {
  const device = openReference();
  const tooSmall = collect(trainingLoop(new NinNet(), patches(6, 6), patches(6, 6), settings, { device }));
  await assert.rejects(tooSmall, /^ShapeError: NinNet layer 0\.0 \(Conv2d\): got shape \[1, 1, 8, 8\]/);
  const twoClasses = new Sequential(new Flatten(), new Linear(64, 2));
  await assert.rejects(
    collect(trainingLoop(twoClasses, patches(6, 6), patches(6, 6), settings, { device })),
    /Sequential: got label 2, expected labels of 0 to 1, since the network gives 2 scores/,
  );
  const images = new Sequential(new Conv2d(1, 3, 3));
  await assert.rejects(
    collect(trainingLoop(images, patches(6, 6), patches(6, 6), settings, { device })),
    /Sequential: got output \[1, 3, 6, 6\] for one image, expected \[N, classes\]/,
  );
});
