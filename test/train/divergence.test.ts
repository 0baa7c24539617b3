import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Device, Program } from "#nin-net/backends/backend.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { sgd } from "#nin-net/optim/sgd.js";
import type { BatchSource } from "#nin-net/train/batch-source.js";
import type { DivergenceEvent } from "#nin-net/train/events.js";
import { type LoopEvent, type LoopOptions, trainingLoop } from "#nin-net/train/loop.js";
import type { TrainingState } from "#nin-net/train/training-state.js";
import { patches } from "./patches.js";

/** Two layers without a ReLU between: a large learning rate sends their product off within a few steps. */
function runaway(): Sequential {
  manualSeed(1);
  return new Sequential(new Flatten(), new Linear(64, 8), new Linear(8, 3));
}

/** No rate near this one leads anywhere. */
const settings = { epochs: 2, lr: 1e30, seed: 0 };

interface Outcome {
  readonly events: LoopEvent[];
  readonly net: Sequential;
  readonly saved: TrainingState[];
}

async function run(
  changes: Partial<typeof settings>,
  options: Partial<LoopOptions> = {},
  net = runaway(),
  train: BatchSource = patches(30, 8),
): Promise<Outcome> {
  const saved: TrainingState[] = [];
  const callbacks = [
    { isCheckpointDue: () => true, onCheckpoint: async (state: TrainingState) => void saved.push(state) },
  ];
  const events: LoopEvent[] = [];
  const all = { device: openReference(), callbacks, ...options };
  for await (const event of trainingLoop(net, train, patches(9, 9), { ...settings, ...changes }, all)) {
    events.push(event);
  }
  return { events, net, saved };
}

const divergences = (events: readonly LoopEvent[]): DivergenceEvent[] =>
  events.filter((event) => event.kind === "divergence");

const kinds = (events: readonly LoopEvent[]): string[] =>
  events.map(({ kind }) => kind).filter((kind) => kind !== "notice" && kind !== "deadClassMaps");

test("a non-finite loss stops the run at that step: where, the rate, what to try", async () => {
  const { events, net, saved } = await run({});
  const last = kinds(events).slice(-2);
  assert.deepEqual(last, ["divergence", "done"]);
  const [divergence] = divergences(events);
  const { epoch, step, lr, action, message } = divergence!;
  assert.deepEqual([lr, action], [1e30, "stop"]);
  assert.equal(
    message,
    `The loss in epoch ${epoch}, step ${step} is not finite: at learning rate 1e+30 the weights have grown ` +
      "without bound. Training has stopped, and the last good checkpoint is kept. " +
      "Start again with a lower learning rate, such as 1e+29, or let a divergence roll back.",
  );
  const steps = events.filter((event) => event.kind === "step");
  assert.equal(steps.length, step - 1);
  assert.ok(steps.every(({ lossNats }) => Number.isFinite(lossNats)));
  const done = events.at(-1)!;
  assert.ok(done.kind === "done" && done.reason === "diverged");
  assert.deepEqual(net.stateDict(), saved.at(-1)!.weights);
  assert.ok(
    saved.every(({ weights }) => Object.values(weights).every(({ data }) => data.every(Number.isFinite))),
  );
});

test("weights that were no numbers from the start stop at the first step and are left as they were", async () => {
  const net = runaway();
  net.loadStateDict({
    ...net.stateDict(),
    "2.bias": { shape: [3], data: Float32Array.of(Number.NaN, 0, 0) },
  });
  const { events, saved } = await run({ lr: 0.1 }, { onDivergence: "rollback" }, net);
  assert.deepEqual(kinds(events), ["divergence", "done"]);
  assert.deepEqual([divergences(events)[0]!.step, divergences(events)[0]!.action], [1, "stop"]);
  assert.deepEqual(saved, []);
});

test("a non-finite test loss is a divergence too, and no checkpoint holds its weights", async () => {
  // One step an epoch: its own loss is finite, the weights after it are not fit for use.
  const { events, saved } = await run({ lr: 1e38 }, {}, runaway(), patches(6, 6));
  assert.deepEqual(kinds(events), ["step", "divergence", "done"]);
  const [{ epoch, step, message }] = divergences(events) as [DivergenceEvent];
  assert.deepEqual([epoch, step], [1, 1]);
  assert.match(message, /^The test loss after epoch 1 is not finite: at learning rate 1e\+38 /);
  for (const { weights } of saved) {
    for (const { data } of Object.values(weights)) assert.ok(data.every(Number.isFinite));
  }
});

test("rollback goes back to the epoch's start with half the rate, three times at most", async () => {
  const { events } = await run({}, { onDivergence: "rollback" });
  const all = divergences(events);
  assert.deepEqual(
    all.map(({ action, lr }) => [action, lr]),
    [
      ["rollback", 1e30],
      ["rollback", 1e30 / 2],
      ["rollback", 1e30 / 4],
      ["stop", 1e30 / 8],
    ],
  );
  assert.match(
    all[0]!.message,
    / Going back to the start with half the learning rate, 5e\+29 \(rollback 1 of at most 3\)\.$/,
  );
  assert.match(
    all[3]!.message,
    / 3 rollbacks with half the learning rate each did not help: start again with another recipe\.$/,
  );
  // Every attempt begins with the same step, before the rate matters.
  const firsts = events.filter((event) => event.kind === "step" && event.step === 1);
  assert.equal(new Set(firsts.map((event) => (event.kind === "step" ? event.batchLossNats : 0))).size, 1);
});

test("a run that was rolled back goes on as one from the same state at the lower rate", async () => {
  // With weights that the device prepares once for as long as they stay the same.
  const device = await openDevice("cpu", { threads: 2 });
  after(() => device[Symbol.dispose]());
  const gentle = { lr: 0.1, optimizer: sgd({ momentum: 0.9 }) };
  const spoilt = await run(gentle, { onDivergence: "rollback", device: spoilingStep(device, 4 + 3) });
  const [rollback] = divergences(spoilt.events) as [DivergenceEvent];
  assert.deepEqual([rollback.epoch, rollback.step, rollback.action, rollback.lr], [2, 3, "rollback", 0.1]);
  assert.match(rollback.message, / Going back to the end of epoch 1 with half the learning rate, 0\.05 /);
  const done = spoilt.events.at(-1)!;
  assert.ok(done.kind === "done" && done.reason === "finished");

  const { weights, optimizer, progress } = spoilt.saved.find((state) => state.progress.epoch === 1)!;
  const resume = { state: { weights, optimizer, progress: { ...progress, lr: 0.05, rollbacks: 1 } } };
  const again = await run(gentle, { resume, device });
  assert.deepEqual(again.net.stateDict(), spoilt.net.stateDict());
  assert.equal(again.saved.at(-1)!.progress.rollbacks, spoilt.saved.at(-1)!.progress.rollbacks);
});

test("a run stopped within an epoch and resumed rolls back as one that was never stopped", async () => {
  const gentle = { lr: 0.1, optimizer: sgd({ momentum: 0.9 }) };
  const device = await openDevice("cpu", { threads: 1 });
  after(() => device[Symbol.dispose]());
  const whole = await run(gentle, { onDivergence: "rollback", device: spoilingStep(device, 4 + 3) });
  const { saved, events } = whole;
  const at = saved.findIndex(({ progress }) => progress.epoch === 1 && progress.step === 2);
  const [rollbackTo, state] = [saved[at - 2]!, saved[at]!];
  assert.deepEqual([rollbackTo.progress.epoch, rollbackTo.progress.step], [1, 0]);

  const rest = await run(gentle, {
    onDivergence: "rollback",
    device: spoilingStep(device, 1),
    resume: { state, rollbackTo },
  });
  const timeless = (all: readonly LoopEvent[]): object[] =>
    all.map((event) => ({ ...event, imagesPerSecond: 0, seconds: 0 }));
  const divergedAt = events.findIndex(({ kind }) => kind === "divergence");
  assert.deepEqual(timeless(rest.events), timeless(events.slice(divergedAt)));
  assert.deepEqual(rest.net.stateDict(), whole.net.stateDict());
});

/** A device on which the loss of one training step, counted from 1, is not finite. */
function spoilingStep(device: Device, spoilt: number): Device {
  let steps = 0;
  return {
    kind: device.kind,
    description: device.description,
    threads: device.threads,
    runsAhead: device.runsAhead,
    createState: (values) => device.createState(values),
    compile(trace, state, options): Program {
      const program = device.compile(trace, state, options);
      return {
        get inputs() {
          return program.inputs;
        },
        async run(inputs) {
          const outputs = await program.run(inputs);
          const isTraining = !("logits" in outputs);
          if (!isTraining || ++steps !== spoilt) return outputs;
          return { ...outputs, lossSum: { ...outputs.lossSum!, data: Float32Array.of(Number.NaN) } };
        },
        [Symbol.dispose]: () => program[Symbol.dispose](),
      };
    },
    [Symbol.dispose]: () => device[Symbol.dispose](),
  };
}
