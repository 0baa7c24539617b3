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
import { type TrainResult, trainCh } from "#nin-net/train/train-ch.js";
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
    synthetic: true,
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

test("trainCh prints a line an epoch, then the tutorial's two, and gives the curves", async () => {
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
  const figures = (of: Pick<TrainResult, "trainLossNats" | "trainAccuracy" | "testAccuracy">): string =>
    `loss ${three(of.trainLossNats)}, train acc ${three(of.trainAccuracy)}, test acc ${three(of.testAccuracy)}`;
  assert.deepEqual(
    lines.filter((line) => line.startsWith("epoch ")),
    result.epochs.map(
      (epoch, i) => `epoch ${i + 1}/3, ${figures(epoch)}, ${epoch.imagesPerSecond.toFixed(1)} examples/sec`,
    ),
  );
  const [first, second] = lines.slice(-2);
  assert.equal(first, figures(result));
  assert.equal(second, `${result.imagesPerSecond.toFixed(1)} examples/sec on ${device.description}`);
});

test("trainCh prints an epoch's line when the epoch ends, and tells callbacks of steps, epochs and checkpoints", async () => {
  const seen: string[] = [];
  await trainCh(net(), patches(8, 8), patches(4, 9), {
    epochs: 2,
    lr: 0.1,
    device: openReference(),
    log: (line) => seen.push(line.split(/[\s,]/)[0]!),
    callbacks: [
      {
        onEvent: (event) => void seen.push(`${event.kind} told`),
        onEvaluation: ({ scores }) => void seen.push(`${scores.length} scores`),
        onCheckpoint: ({ progress }) => void seen.push(`kept after epoch ${progress.epoch}`),
      },
    ],
  });
  const steps = patches(8, 8).batchCount;
  const remarks = new Set(["notice told", "deadClassMaps told"]);
  const epoch = (number: number): string[] => [
    ...Array<string>(steps).fill("step told"),
    `kept after epoch ${number}`,
    "12 scores",
    "epoch told",
    "epoch",
  ];
  assert.deepEqual(
    seen.filter((text) => text.includes(" ") || text === "epoch").filter((text) => !remarks.has(text)),
    ["kept after epoch 0", ...epoch(1), ...epoch(2), "kept after epoch 2", "done told"],
  );
});
