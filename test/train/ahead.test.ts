import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Device, DeviceState } from "#nin-net/backends/backend.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { sgd } from "#nin-net/optim/sgd.js";
import type { BatchSource } from "#nin-net/train/batch-source.js";
import { evaluate } from "#nin-net/train/evaluate.js";
import { type LoopEvent, type LoopOptions, type LoopSettings, trainingLoop } from "#nin-net/train/loop.js";
import type { TrainingState } from "#nin-net/train/training-state.js";
import { ahead, type RunLog } from "./ahead-device.js";
import { patches } from "./patches.js";

const cpu = await openDevice("cpu", { threads: 2 });
after(() => cpu[Symbol.dispose]());

/** With all that remembers something: dropout and momentum. */
function net(seed = 1): Sequential {
  manualSeed(seed);
  return new Sequential(
    new Conv2d(1, 9, 3, { stride: 2 }),
    new ReLU(),
    new Dropout(0.5),
    new Flatten(),
    new Linear(81, 3),
  );
}

/** Two layers without a ReLU between: a large learning rate sends their product off within a few steps. */
function runaway(): Sequential {
  manualSeed(1);
  return new Sequential(new Flatten(), new Linear(64, 8), new Linear(8, 3));
}

const settings = { epochs: 3, lr: 0.1, optimizer: sgd({ momentum: 0.9 }), seed: 5 };
const train = patches(54, 8); // seven steps an epoch, the last one short
const testSet = patches(9, 2);

interface Run extends Partial<LoopOptions> {
  readonly device: Device;
  readonly own?: Sequential;
  readonly change?: Partial<LoopSettings>;
  /** Aborts when so many events have come. */
  readonly stopAfter?: number;
  /** Whether each step asks for its state to be kept. */
  readonly always?: boolean;
  readonly from?: BatchSource;
  readonly log?: RunLog;
}

interface Outcome {
  readonly events: LoopEvent[];
  readonly weights: Record<string, { readonly data: Float32Array }>;
  readonly saved: { readonly state: TrainingState; readonly events: number }[];
}

async function run(given: Run): Promise<Outcome> {
  const {
    own = net(given.resume ? 99 : 1),
    change = {},
    stopAfter,
    always = false,
    from = train,
    log,
  } = given;
  const controller = new AbortController();
  const events: LoopEvent[] = [];
  const saved: Outcome["saved"] = [];
  const recorder = {
    isCheckpointDue: () => always,
    async onCheckpoint(state: TrainingState) {
      if (log) assert.equal(underWay(log), 0, "a state is kept while a step is under way");
      const steps = events.filter(({ kind }) => kind === "step").at(-1);
      if (steps?.kind === "step" && state.progress.step > 0) assert.equal(steps.step, state.progress.step);
      saved.push({ state, events: events.length });
    },
  };
  if (stopAfter === 0) controller.abort();
  const options = { signal: controller.signal, callbacks: [recorder], ...given };
  for await (const event of trainingLoop(own, from, testSet, { ...settings, ...change }, options)) {
    events.push(event);
    if (events.length === stopAfter) controller.abort();
  }
  if (log) assert.equal(underWay(log), 0, "a step is under way when all is over");
  return { events, weights: own.stateDict(), saved };
}

function underWay(log: RunLog): number {
  return log.reduce((count, what) => count + (what === "sent" ? 1 : -1), 0);
}

/** Without what a clock measured. */
function timeless(events: readonly LoopEvent[]): object[] {
  return events.map((event) => ({ ...event, imagesPerSecond: 0, seconds: 0 }));
}

const plain = await run({ device: cpu });

test("steps are sent before the losses of those before are read: as far ahead as the device says", async () => {
  for (const runsAhead of [0, 1, 2]) {
    const log: RunLog = [];
    await run({ device: ahead(cpu, runsAhead, log), log });
    let most = 0;
    for (let i = 0; i <= log.length; i++) most = Math.max(most, underWay(log.slice(0, i)));
    assert.equal(most, runsAhead + 1);
  }
});

test("sent ahead, events, their values, states and final bits are those of one step at a time", async () => {
  const log: RunLog = [];
  const { events, weights, saved } = await run({ device: ahead(cpu, 2, log), log });
  assert.deepEqual(timeless(events), timeless(plain.events));
  assert.deepEqual(weights, plain.weights);
  assert.deepEqual(
    saved.map((at) => [at.events, at.state.weights, at.state.optimizer]),
    plain.saved.map((at) => [at.events, at.state.weights, at.state.optimizer]),
  );
});

test("a state that is due waits for the steps that were sent, and a run goes on from it to the same bits", async () => {
  const log: RunLog = [];
  const { events, saved } = await run({ device: ahead(cpu, 2, log), always: true, log });
  assert.deepEqual(timeless(events), timeless(plain.events));
  const within = saved.filter(({ state }) => state.progress.step > 0);
  assert.deepEqual(
    within.map(({ state }) => state.progress.step),
    [3, 6, 7, 3, 6, 7, 3, 6, 7],
  );
  for (const [index, { state, events: before }] of saved.entries()) {
    const rest = await run({ device: ahead(cpu, index % 2 === 0 ? 2 : 0), resume: { state } });
    assert.deepEqual(timeless([...events.slice(0, before), ...rest.events]), timeless(plain.events));
    assert.deepEqual(rest.weights, plain.weights);
  }
});

test("stopped after any event, every step that was sent has had its event, and the run goes on to the same bits", async () => {
  for (let stopAfter = 0; stopAfter < plain.events.length - 1; stopAfter++) {
    const log: RunLog = [];
    const first = await run({ device: ahead(cpu, 2, log), stopAfter, log });
    const { state, events: before } = first.saved.at(-1)!;
    const done = first.events.at(-1)!;
    if (done.kind === "done" && done.reason === "stopped") {
      assert.equal(before, first.events.length - 1);
      assert.deepEqual(first.weights, state.weights);
    }
    const rest = await run({ device: ahead(cpu, 2), resume: { state } });
    assert.deepEqual(timeless([...first.events.slice(0, before), ...rest.events]), timeless(plain.events));
    assert.deepEqual(rest.weights, plain.weights);
  }
});

for (const onDivergence of ["stop", "rollback"] as const) {
  test(`a divergence (${onDivergence}) is that of its step; those sent after it leave no trace`, async () => {
    for (const lr of [1e30, 100]) {
      const change = { lr, optimizer: sgd() };
      const given = { onDivergence, change, from: patches(120, 4) };
      const alone = await run({ ...given, device: cpu, own: runaway() });
      const log: RunLog = [];
      const sent = await run({ ...given, device: ahead(cpu, 2, log), own: runaway(), log });
      assert.ok(alone.events.some(({ kind }) => kind === "divergence"));
      assert.deepEqual(timeless(sent.events), timeless(alone.events));
      assert.deepEqual(sent.weights, alone.weights);
    }
  });
}

test("whoever leaves early leaves no step under way, and finds the weights after the last one sent", async () => {
  const log: RunLog = [];
  const own = net();
  const device = ahead(cpu, 2, log);
  for await (const event of trainingLoop(own, train, testSet, settings, { device })) {
    assert.equal(event.kind, "step");
    break;
  }
  assert.deepEqual(log, ["sent", "sent", "sent", "read", "read", "read"]);
  const three = await run({ device: cpu, from: patches(24, 8), change: { epochs: 1 } });
  assert.deepEqual(own.stateDict(), three.weights);
});

test("whoever leaves early while a step diverges keeps the weights from before the run", async () => {
  const own = runaway();
  const before = own.stateDict();
  const change = { ...settings, lr: 1e30, optimizer: sgd() };
  const losses: number[] = [];
  for await (const event of trainingLoop(own, patches(60, 4), testSet, change, { device: ahead(cpu, 14) })) {
    if (event.kind === "step") losses.push(event.batchLossNats);
    break;
  }
  assert.equal(losses.length, 1);
  assert.deepEqual(own.stateDict(), before);
});

test("a step that fails under way is told once, after the events before it, whatever fails because of it", async () => {
  let steps = 0;
  let held: DeviceState;
  const failing: Device = {
    ...ahead(cpu, 2),
    async createState(values) {
      held = await cpu.createState(values);
      return {
        names: held.names,
        read: async () => assert.fail("the weights are out of reach"),
        write: (name, data) => held.write(name, data),
        [Symbol.dispose]: () => held[Symbol.dispose](),
      };
    },
    compile(trace, _state, options) {
      const program = cpu.compile(trace, held, options);
      return {
        inputs: program.inputs,
        async run(inputs) {
          if (++steps >= 3) throw new Error(`step ${steps} failed`);
          return program.run(inputs);
        },
        [Symbol.dispose]: () => program[Symbol.dispose](),
      };
    },
  };
  const own = net();
  const events: LoopEvent[] = [];
  const all = async (): Promise<void> => {
    for await (const event of trainingLoop(own, train, testSet, settings, { device: failing })) {
      events.push(event);
    }
  };
  await assert.rejects(all(), { message: "step 3 failed" });
  assert.equal(events.length, 2);
  assert.deepEqual(timeless(events), timeless(plain.events.slice(0, 2)));
});

test("test batches are sent ahead too, and are classified the same", async () => {
  const log: RunLog = [];
  const own = net();
  const scores = async (device: Device): Promise<number[][]> => {
    const all: number[][] = [];
    await evaluate(own, testSet, { device, onScores: (some) => all.push([...some]) });
    return all;
  };
  assert.deepEqual(await scores(ahead(cpu, 2, log)), await scores(cpu));
  assert.deepEqual(log.slice(0, 4), ["sent", "sent", "sent", "read"]);
  assert.equal(underWay(log), 0);
});
