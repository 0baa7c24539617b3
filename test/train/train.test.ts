import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { TrainEvent } from "#nin-net/train/events.js";
import { presets } from "#nin-net/train/recipe.js";
import { train } from "#nin-net/train/train.js";
import { trainCh } from "#nin-net/train/train-ch.js";
import { packageVersion } from "#nin-net/train/versions.js";
import { patches } from "./patches.js";

const net = (): Sequential => new Sequential(new Flatten(), new Linear(64, 3));

test("train begins with what is run, where and on what", async () => {
  const device = openReference();
  const recipe = { ...presets.tutorial, dataset: "synthetic", epochs: 1, batchSize: 4 } as const;
  const events: TrainEvent[] = [];
  for await (const event of train(net(), patches(9, 4), patches(3, 3), recipe, { device, run: "runs/1" })) {
    events.push(event);
  }
  const { versions, ...start } = events[0] as Extract<TrainEvent, { kind: "start" }>;
  assert.deepEqual(start, {
    kind: "start",
    recipe,
    device: device.description,
    threads: 1,
    net: "Sequential",
    parameters: 195,
    dataset: "synthetic",
    drawn: true,
    trainImages: 9,
    testImages: 3,
    stepsPerEpoch: 3,
  });
  assert.deepEqual(versions, { "nin-net": packageVersion, node: process.versions.node });
  const done = events.at(-1)!;
  assert.ok(done.kind === "done" && done.run === "runs/1");
});

test("the version is that of the package", () => {
  const { version } = JSON.parse(readFileSync("packages/nin-net/package.json", "utf8")) as {
    version: string;
  };
  assert.equal(packageVersion, version);
});

test("trainCh prints the tutorial's two lines and gives the curves", async () => {
  const device = openReference();
  const lines: string[] = [];
  const result = await trainCh(net(), patches(30, 8), patches(9, 9), {
    epochs: 3,
    lr: 0.1,
    device,
    log: (line) => lines.push(line),
  });
  assert.equal(result.epochs.length, 3);
  assert.equal(result.testAccuracy, result.epochs[2]!.testAccuracy);
  const three = (value: number | null): string => value!.toFixed(3);
  const [first, second] = lines.slice(-2);
  assert.equal(
    first,
    `loss ${three(result.trainLossNats)}, train acc ${three(result.trainAccuracy)}, test acc ${three(result.testAccuracy)}`,
  );
  assert.equal(second, `${result.imagesPerSecond.toFixed(1)} examples/sec on ${device.description}`);
});
