import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "#nin-net/train/checkpoint.js";
import { noProgress } from "#nin-net/train/training-state.js";
import { eventsOf } from "../runs/events-of.js";
import { smallRecipe } from "../small-recipe.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget, scratch } from "./fuzz-target.js";

const config = JSON.stringify({ recipe: smallRecipe, versions: { node: "26" }, datasetChecksum: "ab" });
const most = 400_000;

const event = fc.oneof(
  fc.record({ kind: fc.constant("notice"), message: fc.string({ maxLength: 20 }) }),
  fc.record({
    kind: fc.constant("step"),
    epoch: fc.nat(9),
    step: fc.nat(9),
    steps: fc.nat(9),
    lossNats: fc.double({ noNaN: true, noDefaultInfinity: true }),
    accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
    batchLossNats: fc.double({ noNaN: true, noDefaultInfinity: true }),
    imagesPerSecond: fc.nat(99),
  }),
);
const lines = fc
  .array(event, { minLength: 1, maxLength: 6 })
  .map((events) => events.map((each) => `${JSON.stringify(each)}\n`).join(""));
const encoded = (text: string) => new TextEncoder().encode(text);
const damagedText = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, anyDamage).map(([whole, damages]) => damaged(encoded(whole), damages));
const nonsense = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.array(fc.json(), { maxLength: 4 }).map((texts) => encoded(`${texts.join("\n")}\n`)),
  fc.nat(20_000).map((depth) => encoded(`${"[".repeat(depth)}${"]".repeat(depth)}\n`)),
);

/** Every line that is whole is an event, or the file is refused. */
const readingEvents = fc.asyncProperty(fc.oneof(damagedText(lines), nonsense), async (bytes) => {
  writeFileSync(join(scratch, "config.json"), config);
  const run = await RunFolder.open(scratch);
  writeFileSync(run.file("events.jsonl"), bytes);
  const result = await answer(() => eventsOf(run), 4 * bytes.length + most);
  if ("refused" in result) return;
  for (const each of result.read) {
    assert.ok(typeof each === "object" && each !== null && typeof each.kind === "string", String(each));
  }
});

/** A run is opened with a recipe that holds, or refused. */
const readingConfig = fc.asyncProperty(
  fc.oneof(damagedText(fc.constant(config)), nonsense),
  async (bytes) => {
    writeFileSync(join(scratch, "config.json"), bytes);
    const result = await answer(() => RunFolder.open(scratch), 4 * bytes.length + most);
    if ("read" in result) assert.ok(result.read.config.recipe.epochs >= 1);
  },
);

const progress = { ...noProgress(0.1), epoch: 2, step: 3 };
const origin = { recipe: smallRecipe, datasetChecksum: "ab", packageVersion: "0.1.0" };
const tensors = { "0.weight": Tensor.random([2, 3], 1), "0.bias": Tensor.random([2], 2) };
const checkpoint: Checkpoint = {
  state: { weights: tensors, optimizer: { momentum: { "0.bias": Tensor.zeros([2]) } }, progress },
  origin,
  events: 9,
};
const whole = await encodeCheckpoint(checkpoint);

/** A checkpoint is what was written, or refused: its seal is over every byte. */
const readingCheckpoint = fc.asyncProperty(
  fc.oneof(
    { weight: 4, arbitrary: anyDamage.map((damages) => damaged(whole, damages)) },
    { weight: 1, arbitrary: nonsense },
  ),
  async (bytes) => {
    const result = await answer(() => decodeCheckpoint(bytes), 8 * bytes.length + most);
    const isUntouched = Buffer.compare(bytes, whole) === 0;
    assert.equal("read" in result, isUntouched);
    if ("read" in result) assert.deepEqual(result.read, checkpoint);
  },
);

export const runTargets: readonly FuzzTarget[] = [
  { name: "a run's events, damaged or made up", cases: 600, property: readingEvents },
  { name: "a run's settings, damaged or made up", cases: 400, property: readingConfig },
  { name: "a checkpoint, damaged or made up", cases: 1000, property: readingCheckpoint },
];
