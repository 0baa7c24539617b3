import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { decodeCheckpoint, encodeCheckpoint } from "#nin-net/train/checkpoint.js";
import { type LoopEvent, type ResumeFrom, trainingLoop } from "#nin-net/train/loop.js";
import type { TrainingState } from "#nin-net/train/training-state.js";
import { smallRecipe } from "../small-recipe.js";
import { patches } from "./patches.js";

const devices = [
  await openDevice("cpu", { threads: 1 }),
  await openDevice("cpu", { threads: 2 }),
  await openDevice("cpu", { threads: 3 }),
];
after(() => {
  for (const device of devices) device[Symbol.dispose]();
});

/** With all that remembers something: dropout, momentum, several slices and threads. */
function net(seed: number): Sequential {
  manualSeed(seed);
  return new Sequential(
    new Conv2d(1, 9, 3, { stride: 2 }),
    new ReLU(),
    new MaxPool2d(2, { stride: 1 }),
    new Dropout(0.5),
    new Flatten(),
    new Linear(36, 3),
    new ReLU(),
  );
}

const settings = { epochs: 3, lr: 0.1, optimizer: sgd({ momentum: 0.9 }), seed: 5 };
const train = patches(30, 8); // four steps an epoch, the last one short
const testSet = patches(9, 4);

interface Part {
  readonly events: LoopEvent[];
  readonly weights: Record<string, { readonly data: Float32Array }>;
  /** As they were written, one for each time that a state was kept, with the number of events before it. */
  readonly kept: { readonly bytes: Uint8Array; readonly events: number }[];
}

interface PartOptions {
  readonly epochs?: number;
  readonly threads: 1 | 2 | 3;
  readonly resume?: ResumeFrom;
  /** Aborts when so many events have come. */
  readonly stopAfter?: number;
  /** Keeps a state after every step. */
  readonly always?: boolean;
  readonly ema?: number;
}

async function part({
  threads,
  resume,
  stopAfter,
  always = false,
  epochs = 3,
  ema,
}: PartOptions): Promise<Part> {
  // A resumed run must not depend on the weights that its network happens to have.
  const own = net(resume === undefined ? 1 : 99);
  const controller = new AbortController();
  const events: LoopEvent[] = [];
  const kept: Part["kept"] = [];
  const recorder = {
    isCheckpointDue: () => always,
    async onCheckpoint(state: TrainingState) {
      const origin = { recipe: smallRecipe, datasetChecksum: null, packageVersion: "0.1.0" };
      kept.push({
        bytes: await encodeCheckpoint({ state, origin, events: events.length }),
        events: events.length,
      });
    },
  };
  if (stopAfter === 0) controller.abort();
  const options = { device: devices[threads - 1]!, signal: controller.signal, callbacks: [recorder], resume };
  for await (const event of trainingLoop(own, train, testSet, { ...settings, epochs, ema }, options)) {
    events.push(event);
    if (events.length === stopAfter) controller.abort();
  }
  return { events, weights: own.stateDict(), kept };
}

/** Without what a clock measured. */
function timeless(events: readonly LoopEvent[]): object[] {
  return events.map((event) => ({ ...event, imagesPerSecond: 0, seconds: 0 }));
}

async function resumeFrom(bytes: Uint8Array): Promise<ResumeFrom> {
  return { state: (await decodeCheckpoint(bytes)).state };
}

const whole = await part({ threads: 1 });

test("the run is one that could differ: it learns, drops out and keeps momenta", async () => {
  const epochs = whole.events.filter((event) => event.kind === "epoch");
  assert.equal(epochs.length, 3);
  assert.ok(epochs[2]!.trainLossNats < epochs[0]!.trainLossNats);
  const { state } = await decodeCheckpoint(whole.kept.at(-1)!.bytes);
  assert.ok(Object.values(state.optimizer.momentum!).some(({ data }) => data.some((value) => value !== 0)));
});

test("stopped after any event and resumed with other threads, it ends with the same bits and events", async () => {
  for (let stopAfter = 0; stopAfter < whole.events.length - 1; stopAfter++) {
    const first = await part({ threads: 2, stopAfter });
    const done = first.events.at(-1)!;
    const { bytes, events } = first.kept.at(-1)!;
    const second = await part({ threads: 3, resume: await resumeFrom(bytes) });
    const all = [...first.events.slice(0, events), ...second.events];
    assert.deepEqual(timeless(all), timeless(whole.events), `stopped after ${stopAfter} events`);
    assert.deepEqual(second.weights, whole.weights, `stopped after ${stopAfter} events`);
    // Aborted before the last epoch's evaluation ended, nothing but `done` was said after the state was kept.
    if (done.kind === "done" && done.reason === "stopped") assert.equal(events, first.events.length - 1);
  }
});

test("so it does from the state after any step, as if killed there", async () => {
  const { kept } = await part({ threads: 2, always: true });
  // An epoch's state is kept before its events, as the state after its last step was.
  const counts = kept.map(({ events }) => events);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
  assert.ok(kept.length >= 1 + 3 * 5);
  for (const [index, { bytes, events }] of kept.entries()) {
    const rest = await part({ threads: index % 2 === 0 ? 1 : 3, resume: await resumeFrom(bytes) });
    const all = [...whole.events.slice(0, events), ...rest.events];
    assert.deepEqual(timeless(all), timeless(whole.events), `resumed after ${events} events`);
    assert.deepEqual(rest.weights, whole.weights);
  }
});

test("stopped again and again, it still comes to the same end", async () => {
  const all: LoopEvent[] = [];
  let resume: ResumeFrom | undefined;
  let last: Part;
  do {
    last = await part({ threads: 2, stopAfter: 2, ...(resume && { resume }) });
    const { bytes, events } = last.kept.at(-1)!;
    all.push(...last.events.slice(0, events));
    resume = await resumeFrom(bytes);
  } while (last.events.at(-1)!.kind === "done" && all.filter(({ kind }) => kind === "epoch").length < 3);
  assert.deepEqual(timeless(all), timeless(whole.events.slice(0, -1)));
  const end = await part({ threads: 1, resume: resume! });
  assert.deepEqual(timeless(end.events), timeless(whole.events.slice(-1)));
  assert.deepEqual(end.weights, whole.weights);
});

test("a finished run goes on to more epochs as one that was to have them from the start", async () => {
  const short = await part({ threads: 1, epochs: 2 });
  const { bytes, events } = short.kept.at(-1)!;
  const rest = await part({ threads: 2, resume: await resumeFrom(bytes) });
  assert.deepEqual(timeless([...short.events.slice(0, events), ...rest.events]), timeless(whole.events));
  assert.deepEqual(rest.weights, whole.weights);
});

test("clocks go on where they stood", async () => {
  const { state } = await decodeCheckpoint(whole.kept.at(-1)!.bytes);
  const seconds = { run: 1000, training: 500, epoch: 300, epochTraining: 200 };
  const resume = { state: { ...state, progress: { ...state.progress, seconds } } };
  const { events } = await part({ threads: 1, resume });
  const done = events.at(-1)!;
  assert.ok(done.kind === "done" && done.seconds >= 1000 && done.imagesPerSecond === 90 / 500);
});

test("a state without momenta cannot be gone on from with momentum", async () => {
  const { state } = await decodeCheckpoint(whole.kept.at(-1)!.bytes);
  await assert.rejects(part({ threads: 1, resume: { state: { ...state, optimizer: {} } } }), {
    name: "NinError",
    message:
      "Sequential: the state has no momentum of 0.weight, expected one for each weight. " +
      "Go on from a state that was kept by training with the same optimizer and averages.",
  });
});

test("with moving averages too: weights, averages, figures and the network's end are the same to the bit", async () => {
  const averaged = await part({ threads: 1, ema: 0.8 });
  const end = (await decodeCheckpoint(averaged.kept.at(-1)!.bytes)).state;
  const plain = (await decodeCheckpoint(whole.kept.at(-1)!.bytes)).state;
  assert.deepEqual(end.weights, plain.weights); // averages have no part in the training itself
  assert.deepEqual(averaged.weights, end.averages);
  assert.notDeepEqual(end.averages, end.weights);
  for (const stopAfter of [0, 2, 5, 8]) {
    const first = await part({ threads: 2, ema: 0.8, stopAfter });
    const { bytes, events } = first.kept.at(-1)!;
    const second = await part({ threads: 3, ema: 0.8, resume: await resumeFrom(bytes) });
    const all = [...first.events.slice(0, events), ...second.events];
    assert.deepEqual(timeless(all), timeless(averaged.events), `stopped after ${stopAfter} events`);
    const { weights, averages } = (await decodeCheckpoint(second.kept.at(-1)!.bytes)).state;
    assert.deepEqual({ weights, averages }, { weights: end.weights, averages: end.averages });
    assert.deepEqual(second.weights, averaged.weights);
  }
});
