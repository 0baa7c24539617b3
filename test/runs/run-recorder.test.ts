import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CurvesWriter } from "#nin-cli/runs/curves-writer.js";
import { optionalCallback } from "#nin-cli/runs/optional-callback.js";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { RunRecorder, type RunRecorderOptions } from "#nin-cli/runs/run-recorder.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import type { EpochEvent, StartEvent } from "#nin-net/train/events.js";
import { noProgress, type Progress, type TrainingState } from "#nin-net/train/training-state.js";
import { smallRecipe } from "../small-recipe.js";
import { eventsOf } from "./events-of.js";

const scratch = mkdtempSync(join(tmpdir(), "nin-recorder-"));
after(() => rmSync(scratch, { recursive: true }));

const config = { recipe: smallRecipe, versions: {}, datasetChecksum: null };
const curves = { title: "A run" };

const start: StartEvent = {
  kind: "start",
  recipe: smallRecipe,
  device: "cpu",
  threads: 1,
  versions: {},
  net: "NinNet",
  parameters: 1,
  dataset: "synthetic",
  synthetic: true,
  trainImages: 1,
  testImages: 1,
  stepsPerEpoch: 1,
};

const epoch: EpochEvent = {
  kind: "epoch",
  epoch: 1,
  trainLossNats: 2,
  trainAccuracy: 0.25,
  testLossNats: 2,
  testAccuracy: 0.5,
  imagesPerSecond: 10,
  seconds: 1,
};

function stateOf(progress: Partial<Progress>): TrainingState {
  const weights = new Linear(2, 2).stateDict();
  return { weights, optimizer: { momentum: weights }, progress: { ...noProgress(0.1), ...progress } };
}

async function keeperOf(name: string, options: Partial<RunRecorderOptions> = {}) {
  const run = await RunFolder.create(join(scratch, name), config);
  after(() => run[Symbol.dispose]());
  return { run, keeper: new RunRecorder(run, { keepsEpochs: false, ...options }) };
}

const files = (run: RunFolder): string[] =>
  readdirSync(run.path)
    .filter((name) => name.endsWith(".safetensors"))
    .sort();

test("keeps the newest state, and the best when it is the newest", async () => {
  const { run, keeper } = await keeperOf("best");
  await keeper.onCheckpoint(stateOf({}));
  assert.deepEqual(files(run), ["checkpoint.safetensors"]);
  const best = stateOf({ epoch: 1, best: { epoch: 1, testAccuracy: 0.5 } });
  await keeper.onCheckpoint(best);
  await keeper.onCheckpoint(stateOf({ epoch: 1, step: 1, best: { epoch: 1, testAccuracy: 0.5 } }));
  await keeper.onCheckpoint(stateOf({ epoch: 2, best: { epoch: 1, testAccuracy: 0.5 } }));
  assert.deepEqual(files(run), ["best.safetensors", "checkpoint.safetensors"]);
  assert.deepEqual((await run.readCheckpoint("best")).state, { ...best, optimizer: {} });
  assert.equal((await run.readCheckpoint()).state.progress.epoch, 2);
});

test("keeps the last epoch's end too where a divergence may go back to it", async () => {
  const { run, keeper } = await keeperOf("epochs", { keepsEpochs: true });
  await keeper.onCheckpoint(stateOf({ epoch: 1 }));
  await keeper.onCheckpoint(stateOf({ epoch: 1, step: 3 }));
  assert.deepEqual(files(run), ["checkpoint.safetensors", "epoch.safetensors"]);
  assert.equal((await run.readCheckpoint("epoch")).state.progress.step, 0);
  assert.equal((await run.readCheckpoint()).state.progress.step, 3);
});

test("a state within an epoch is due after so many minutes, and never unless asked for", async () => {
  const never = await keeperOf("never");
  const soon = await keeperOf("soon", { checkpointEveryMinutes: 0.5 / 60 });
  await soon.keeper.onCheckpoint(stateOf({}));
  assert.equal(soon.keeper.isCheckpointDue(), false);
  await sleep(600);
  assert.equal(soon.keeper.isCheckpointDue(), true);
  assert.equal(never.keeper.isCheckpointDue(), false);
  await soon.keeper.onCheckpoint(stateOf({ step: 1 }));
  assert.equal(soon.keeper.isCheckpointDue(), false);
});

test("a run that goes on began only once, and its curves and metrics have what came before", async () => {
  const { run, keeper } = await keeperOf("again", { before: [start, epoch] });
  await keeper.onEvent(start);
  const second = { ...epoch, epoch: 2 };
  await keeper.onEvent(second);
  assert.deepEqual(await eventsOf(run), [second]);
  await new CurvesWriter(run, curves, [start, epoch]).onEvent(second);
  const lines = readFileSync(run.file("metrics.csv"), "utf8").trimEnd().split("\n");
  assert.deepEqual(lines.slice(1), ["1,2,0.25,2,0.5,10,1", "2,2,0.25,2,0.5,10,1"]);
  const svg = readFileSync(run.file("curves.svg"), "utf8");
  assert.ok(svg.includes("X axis: epoch, from 1 to 2."));
});

test("what a run can do without fails once, is told, and is not called again", async () => {
  const told: string[] = [];
  let calls = 0;
  const failing = {
    onEvent() {
      calls++;
      throw new Error("no ink");
    },
  };
  const callback = optionalCallback(failing, "There will be no picture", (message) => told.push(message));
  await callback.onEvent!(epoch);
  await callback.onEvent!(epoch);
  assert.deepEqual([calls, told], [1, ["There will be no picture: no ink"]]);
});
