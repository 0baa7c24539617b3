import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { encodeCheckpoint } from "#nin-net/train/checkpoint.js";
import type { TrainEvent } from "#nin-net/train/events.js";
import { noProgress, type TrainingState } from "#nin-net/train/training-state.js";
import { packageVersion } from "#nin-net/train/versions.js";
import { smallRecipe } from "../small-recipe.js";
import { eventsOf } from "./events-of.js";

const scratch = mkdtempSync(join(tmpdir(), "nin-run-"));
after(() => rmSync(scratch, { recursive: true }));

const config = { recipe: smallRecipe, versions: { "nin-net": "0.1.0" }, datasetChecksum: "ab12" };

test("a run can be opened again: settings, events, weights", async () => {
  const path = join(scratch, "a", "b");
  using run = await RunFolder.create(path, config);
  const events: TrainEvent[] = [
    { kind: "notice", message: "one" },
    { kind: "notice", message: "two" },
  ];
  for (const event of events) await run.append(event);
  const net = new Linear(2, 3);
  await run.saveCheckpoint(net, { epoch: 2, step: 5 });

  const again = await RunFolder.open(path);
  assert.deepEqual(again.config, config);
  assert.deepEqual(await eventsOf(again), events);
  const other = new Linear(2, 3);
  assert.deepEqual(await again.loadCheckpoint(other), { epoch: 2, step: 5 });
  assert.deepEqual(other.stateDict(), net.stateDict());
  run[Symbol.dispose]();
  assert.deepEqual(readdirSync(path).sort(), ["checkpoint.safetensors", "config.json", "events.jsonl"]);
});

test("never writes into a run that is there already", async () => {
  const path = join(scratch, "twice");
  (await RunFolder.create(path, config))[Symbol.dispose]();
  await assert.rejects(RunFolder.create(path, config), {
    name: "DataError",
    message: `${path}: holds a run already. Choose another folder, or remove this one first.`,
  });
});

test("a last line that was cut short is left out, a damaged one within is refused", async () => {
  const path = join(scratch, "cut");
  const run = await RunFolder.create(path, config);
  await run.append({ kind: "notice", message: "whole" });
  appendFileSync(run.file("events.jsonl"), '{"kind":"noti');
  assert.equal((await eventsOf(run)).length, 1);
  appendFileSync(run.file("events.jsonl"), "\n");
  await assert.rejects(eventsOf(run), /events\.jsonl: line 2 is not JSON/);
});

test("a failed write leaves the checkpoint that is there", async () => {
  const path = join(scratch, "keep");
  const run = await RunFolder.create(path, config);
  await run.saveCheckpoint(new Linear(1, 1), { epoch: 1, step: 0 });
  const before = readFileSync(run.file("checkpoint.safetensors"));
  const broken = new Linear(1, 1);
  Object.defineProperty(broken, "stateDict", { value: () => ({ weight: null }) });
  await assert.rejects(run.saveCheckpoint(broken, { epoch: 2, step: 0 }));
  assert.deepEqual(readFileSync(run.file("checkpoint.safetensors")), before);
  run[Symbol.dispose]();
  assert.deepEqual(readdirSync(path).sort(), ["checkpoint.safetensors", "config.json"]);
});

test("what is no run is refused with what to do", async () => {
  await assert.rejects(RunFolder.open(join(scratch, "none")), {
    name: "DataError",
    message:
      /config\.json: cannot be read: there is no such file\. Give the folder that `nin train` named at its end\./,
  });
  const path = join(scratch, "damaged");
  const run = await RunFolder.create(path, config);
  await assert.rejects(
    run.loadCheckpoint(new Linear(1, 1)),
    /checkpoint\.safetensors: cannot be read: there is no such file/,
  );
  writeFileSync(run.file("config.json"), "{");
  await assert.rejects(RunFolder.open(path), /config\.json: is not JSON/);
  writeFileSync(run.file("config.json"), JSON.stringify({ recipe: { ...smallRecipe, lr: "fast" } }));
  await assert.rejects(RunFolder.open(path), {
    name: "DataError",
    message:
      `${run.file("config.json")}: Recipe setting lr: got "fast", expected a number. ` +
      "Put the file back as it was, or train again.",
  });
  writeFileSync(join(scratch, "file"), "");
  await assert.rejects(
    RunFolder.create(join(scratch, "file", "run"), config),
    /cannot be written: a part of its path is a file, not a folder/,
  );
});

const state = (epoch: number, step: number): TrainingState => ({
  weights: new Linear(2, 3).stateDict(),
  optimizer: { momentum: new Linear(2, 3).stateDict() },
  progress: { ...noProgress(0.1), epoch, step },
});

const step = (step: number): TrainEvent => ({
  kind: "step",
  epoch: 1,
  step,
  steps: 4,
  lossNats: 1,
  accuracy: 0.5,
  batchLossNats: 1,
  imagesPerSecond: 10,
});

const start: TrainEvent = {
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
  stepsPerEpoch: 4,
};

const cannotLoseRights = process.getuid ? false : "this system has no users of Node's kind";

test("what this user may not read is refused by its permissions", { skip: cannotLoseRights }, async (t) => {
  const path = join(scratch, "denied");
  const run = await RunFolder.create(path, config);
  run[Symbol.dispose]();
  chmodSync(run.file("config.json"), 0);
  // The superuser may read everything.
  if (process.getuid!() === 0) {
    process.seteuid!(65534);
    t.after(() => process.seteuid!(0));
  }
  await assert.rejects(RunFolder.open(path), {
    name: "DataError",
    message: `${run.file("config.json")}: cannot be read: permission is denied. Change its permissions so that this user may read it.`,
  });
});

test("rewinding cuts off what came after the checkpoint, half a line too", async () => {
  const path = join(scratch, "rewind");
  using run = await RunFolder.create(path, config);
  await run.append(start);
  await run.append(step(1));
  const kept = state(0, 1);
  await run.saveState(kept);
  await run.append(step(2));
  appendFileSync(run.file("events.jsonl"), '{"kind":"st');
  run[Symbol.dispose]();

  using again = await RunFolder.reopen(path);
  const checkpoint = await again.readCheckpoint();
  assert.deepEqual(checkpoint.state, kept);
  assert.deepEqual(checkpoint.origin, {
    recipe: config.recipe,
    datasetChecksum: "ab12",
    packageVersion,
  });
  await again.rewind(checkpoint, smallRecipe.epochs);
  assert.deepEqual(await eventsOf(again), [start, step(1)]);
  await again.append(step(2));
  await again.saveState(state(0, 2));
  assert.equal((await again.readCheckpoint()).events, 3);
  assert.deepEqual(await eventsOf(again), [start, step(1), step(2)]);
});

test("more epochs stand in config.json and in the start event, as if they had been there from the start", async () => {
  const path = join(scratch, "more");
  using run = await RunFolder.create(path, config);
  await run.append(start);
  await run.saveState(state(1, 0));
  await run.rewind(await run.readCheckpoint(), 7);
  const recipe = { ...smallRecipe, epochs: 7 };
  assert.deepEqual(await eventsOf(run), [{ ...start, recipe }]);
  assert.deepEqual((await RunFolder.open(path)).config, { ...config, recipe });
});

test("a run's history is its events, of the steps only the newest", async () => {
  using run = await RunFolder.create(join(scratch, "history"), config);
  const notice: TrainEvent = { kind: "notice", message: "U+2028 ends no line: \u2028." };
  for (const event of [start, step(1), notice, step(2), step(3), notice]) await run.append(event);
  await run.saveState(state(0, 3));
  await run.append(step(4));
  assert.deepEqual(await run.history(), [start, notice, notice, step(4)]);
  run[Symbol.dispose]();

  using again = await RunFolder.reopen(run.path);
  assert.deepEqual(await again.history(), [start, notice, notice, step(4)]);
  await again.rewind(await again.readCheckpoint(), smallRecipe.epochs);
  assert.deepEqual(await again.history(), [start, notice, step(3), notice]);
  assert.deepEqual(await eventsOf(again), [start, step(1), notice, step(2), step(3), notice]);
});

test("events of a size beyond the memory are read and rewound", async () => {
  using run = await RunFolder.create(join(scratch, "long"), config);
  const steps = 400_000;
  const events = createWriteStream(run.file("events.jsonl"));
  events.write(`${JSON.stringify(start)}\n`);
  const thousand = `${JSON.stringify(step(1))}\n`.repeat(1000);
  for (let n = 0; n < steps / 1000; n++) events.write(thousand);
  events.end();
  await once(events, "close");
  const bytes = statSync(run.file("events.jsonl")).size;
  assert.ok(bytes > 40e6, `${bytes} bytes`);
  const checkpoint = await encodeCheckpoint({
    state: state(0, 1),
    origin: { recipe: config.recipe, datasetChecksum: "ab12", packageVersion },
    events: steps, // all but the last one
  });
  await run.writeFile("checkpoint.safetensors", checkpoint);
  run[Symbol.dispose]();

  const script = fileURLToPath(new URL("./long-run.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--max-old-space-size=32",
    script,
    run.path,
  ]);
  assert.deepEqual(JSON.parse(stdout), { before: ["start", "step"], after: ["start", "step"] });
  const lines = readFileSync(run.file("events.jsonl"), "utf8").trimEnd().split("\n");
  assert.equal(lines.length, steps);
  assert.equal(JSON.parse(lines[0]!).recipe.epochs, 7);
  assert.deepEqual(new Set(lines.slice(1)), new Set([JSON.stringify(step(1))]));
});

test("a file of events without line ends is refused before it fills the memory", async () => {
  using run = await RunFolder.create(join(scratch, "endless"), config);
  writeFileSync(run.file("events.jsonl"), "");
  truncateSync(run.file("events.jsonl"), 600e6); // sparse: takes no space on the disk
  await assert.rejects(eventsOf(run), {
    name: "DataError",
    message: `${run.file("events.jsonl")}: line 1 is longer than 16 MiB. The run is damaged; train again.`,
  });
});

test("a run without a checkpoint starts again", async () => {
  using run = await RunFolder.create(join(scratch, "anew"), config);
  await run.append(start);
  await run.rewind(null, smallRecipe.epochs);
  assert.deepEqual(await eventsOf(run), []);
});

test("fewer events than the checkpoint knows of are refused, and nothing is changed", async () => {
  using run = await RunFolder.create(join(scratch, "fewer"), config);
  for (const event of [start, step(1), step(2)]) await run.append(event);
  await run.saveState(state(0, 2));
  writeFileSync(run.file("events.jsonl"), `${JSON.stringify(start)}\n`);
  await assert.rejects(run.rewind(await run.readCheckpoint(), 7), {
    name: "DataError",
    message:
      `${run.file("events.jsonl")}: has 1 events, but the checkpoint was written after 3. ` +
      "Put the file back as it was, or train again.",
  });
  assert.deepEqual(run.config, config);
  assert.deepEqual((await RunFolder.open(run.path)).config, config);
  assert.deepEqual(await eventsOf(run), [start]);
});

test("the best weights are kept alone, the newest with what the optimizer keeps", async () => {
  using run = await RunFolder.create(join(scratch, "best"), config);
  assert.equal(await run.findCheckpoint("best"), null);
  const best = state(1, 0);
  await run.saveState(best, "best");
  await run.saveState(state(2, 0));
  assert.deepEqual((await run.findCheckpoint("best"))!.state, { ...best, optimizer: {} });
  const net = new Linear(2, 3);
  assert.deepEqual(await run.loadCheckpoint(net, "best"), { epoch: 1, step: 0 });
  assert.deepEqual(net.stateDict(), best.weights);
  assert.notDeepEqual((await run.readCheckpoint()).state.optimizer, {});
});

test("a damaged checkpoint is refused by the file's name", async () => {
  using run = await RunFolder.create(join(scratch, "flipped"), config);
  await run.saveState(state(1, 0));
  const file = run.file("checkpoint.safetensors");
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
  await assert.rejects(run.readCheckpoint(), {
    name: "DataError",
    message:
      `${file}: checkpoint: its bytes are not those of its SHA-256. ` +
      "The file is damaged: take another checkpoint, or train again.",
  });
});
