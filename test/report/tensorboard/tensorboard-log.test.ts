import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { drawConfusion } from "#nin-cli/report/tensorboard/confusion-drawing.js";
import { TensorBoardLog } from "#nin-cli/report/tensorboard/tensorboard-log.js";
import type { StepEvent, TrainEvent } from "#nin-net/train/events.js";
import { presets } from "#nin-net/train/recipe.js";
import { readEvents, scalarsOf, skip } from "./read-events.js";

const start: TrainEvent = {
  kind: "start",
  recipe: { ...presets.tutorial, dataset: "synthetic", limit: 6 },
  device: "CPU | one",
  threads: 2,
  versions: { "nin-net": "1.2.3" },
  net: "NinNet",
  parameters: 1_992_166,
  dataset: "synthetic",
  synthetic: true,
  trainImages: 6,
  testImages: 4,
  stepsPerEpoch: 2,
};

const step = (epoch: number, number: number, batchLossNats: number): StepEvent => ({
  kind: "step",
  epoch,
  step: number,
  steps: 2,
  lossNats: 9,
  accuracy: 0.1,
  batchLossNats,
  imagesPerSecond: 64,
});

const epoch = (number: number): TrainEvent => ({
  kind: "epoch",
  epoch: number,
  trainLossNats: 2.25,
  trainAccuracy: 0.5,
  testLossNats: 2 / number,
  testAccuracy: 0.75,
  imagesPerSecond: 60,
  seconds: 1,
});

test("an independent reader finds what was told: scalars, pictures, the recipe", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "nin-tensorboard-"));
  try {
    const drawing = drawConfusion(
      [
        [3, 1],
        [0, 2],
      ],
      ["shirt", "bag"],
      "Confusion",
    );
    {
      await using log = await TensorBoardLog.open(folder);
      await log.log(start);
      for (const event of [step(1, 1, 2.5), step(1, 2, 2)]) await log.log(event);
      await log.log(epoch(1), [{ tag: "test/confusion", drawing }]);
      await log.log({ kind: "notice", message: "Look!" });
      for (const event of [step(2, 1, 1.5), step(2, 2, 1), epoch(2)]) await log.log(event);
    }
    const [name, ...others] = readdirSync(folder);
    assert.match(name!, /^events\.out\.tfevents\.\d{10}\.nin\.\d+\.\d+$/);
    assert.deepEqual(others, []);
    const events = readEvents(join(folder, name!));

    assert.equal(events[0]!.version, "brain.Event:2");
    const now = Date.now() / 1000;
    for (const { seconds } of events) assert.ok(Math.abs(seconds - now) < 600, `written at ${seconds}`);
    assert.deepEqual(scalarsOf(events, "loss/batch"), [
      [1, 2.5],
      [2, 2],
      [3, 1.5],
      [4, 1],
    ]);
    assert.deepEqual(scalarsOf(events, "loss/test"), [
      [2, 2],
      [4, 1],
    ]);
    assert.deepEqual(scalarsOf(events, "accuracy/train").at(-1), [4, 0.5]);
    assert.deepEqual(scalarsOf(events, "speed/images_per_second")[0], [1, 64]);

    const values = events.flatMap((event) => event.values ?? []);
    const recipe = values.find(({ tag }) => tag === "recipe/text_summary")!;
    assert.equal(recipe.plugin, "text");
    assert.deepEqual({ ...recipe.tensor, strings: 1 }, { type: 7, shape: [1], strings: 1 });
    assert.match(recipe.tensor!.strings[0]!, /^\| setting \| value \|\n\| --- \| --- \|\n\| net \| nin \|\n/);
    assert.match(recipe.tensor!.strings[0]!, /\n\| images \| synthetic, not Fashion-MNIST \|\n/);
    assert.match(recipe.tensor!.strings[0]!, /\n\| device \| CPU \\\| one \|\n/);
    const notice = values.find(({ tag }) => tag === "notices/text_summary")!;
    assert.deepEqual(notice.tensor!.strings, ["Look!"]);

    const { image } = values.find(({ tag }) => tag === "test/confusion")!;
    const png = Buffer.from(image!.png, "base64");
    assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    assert.deepEqual(
      { width: image!.width, height: image!.height, channels: image!.channels },
      { width: png.readUInt32BE(16), height: png.readUInt32BE(20), channels: 3 },
    );
    assert.deepEqual([image!.width, image!.height], [drawing.width, drawing.height]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("steps that are gone through again replace those told before", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "nin-tensorboard-"));
  try {
    await using log = await TensorBoardLog.open(folder);
    for (const event of [step(2, 1, 5), step(2, 2, 5), step(2, 1, 4), step(2, 2, 4)]) await log.log(event);
    const starts = readEvents(log.path).filter(({ session }) => session === 1);
    assert.deepEqual(
      starts.map((event) => event.step),
      [3, 3],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a folder that is not there is one clear error", async () => {
  const folder = join(tmpdir(), "nin-tensorboard-that-is-not-there");
  await assert.rejects(TensorBoardLog.open(folder), {
    name: "DataError",
    message:
      /: cannot be written: the folder .*nin-tensorboard-that-is-not-there.* does not exist\. Make it, or/,
  });
});
