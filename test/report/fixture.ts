import type { ReportData } from "#nin-cli/report/report-data.js";
import { collectTestResults, type TestResults } from "#nin-cli/report/test-results.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import type { Split } from "#nin-net/data/dataset.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { DoneEvent, EpochEvent, StartEvent, StepEvent } from "#nin-net/train/events.js";
import { presets, type Recipe } from "#nin-net/train/recipe.js";
import { evaluateWithScores } from "#nin-net/train/scored-evaluation.js";
import { Session } from "#nin-net/train/session.js";

/** Untrained, but it has class maps, of 6x6 pixels. */
export function mapNet(classes = 10): Sequential {
  manualSeed(1);
  return new Sequential(
    new Conv2d(1, classes, 8, { stride: 4 }),
    new ReLU(),
    new AdaptiveAvgPool2d([1, 1]),
    new Flatten(),
  );
}

export const device = openReference();

/** The first test images of the drawn garments, and what a network makes of them. */
export async function testedImages(net: Sequential, count: number, classes?: readonly string[]) {
  const data = await loadDataset("synthetic");
  const split: Split = {
    ...data.test,
    count,
    images: data.test.images.subarray(0, count * 784),
    labels: data.test.labels.subarray(0, count),
  };
  using session = await Session.open(net, device);
  const testIter = new DataIterator(split, { batchSize: 64 });
  return { split, tested: await evaluateWithScores(session, testIter, { classes: classes ?? data.classes }) };
}

/** What a report shows of the first drawn test images. */
export async function shownImages(count: number, classes?: readonly string[]): Promise<TestResults> {
  const net = mapNet();
  const { split, tested } = await testedImages(net, count, classes);
  return await collectTestResults(net, split, tested, { device, preprocessing: { resize: 28 } });
}

export const recipe: Recipe = { ...presets.tutorial, epochs: 3 };

export const startEvent: StartEvent = {
  kind: "start",
  recipe,
  device: "cpu (WebAssembly, 256 bits, 2 threads)",
  threads: 2,
  versions: { "nin-net": "0.1.0", node: "26.10.0" },
  net: "NinNet",
  parameters: 1992166,
  dataset: "fashion-mnist",
  synthetic: false,
  trainImages: 60000,
  testImages: 10000,
  stepsPerEpoch: 469,
};

export function stepEvent(epoch: number, step: number): StepEvent {
  const batchLossNats = 1 / step;
  return {
    kind: "step",
    epoch,
    step,
    steps: 469,
    lossNats: 1,
    accuracy: 0.5,
    batchLossNats,
    imagesPerSecond: 60,
  };
}

export function epochEvent(epoch: number): EpochEvent {
  return {
    kind: "epoch",
    epoch,
    trainLossNats: 0.3 + 2 / epoch,
    trainAccuracy: 0.9 - 0.6 / epoch,
    testLossNats: 0.4 + 1.5 / epoch,
    testAccuracy: 0.88 - 0.4 / epoch,
    imagesPerSecond: 61.25,
    seconds: 1000,
  };
}

export const doneEvent: DoneEvent = {
  kind: "done",
  reason: "finished",
  testAccuracy: 0.8675,
  trainLossNats: 0.336,
  trainAccuracy: 0.874,
  imagesPerSecond: 61.25,
  seconds: 3123,
  run: "runs/first",
};

/** A finished run, changed as a test needs it. */
export function reportData(changes: Partial<ReportData> = {}): ReportData {
  return {
    run: "first",
    config: {
      recipe,
      versions: startEvent.versions,
      datasetChecksum: "ab".repeat(32),
      machine: "A processor, 2 cores, 8 GiB, linux x64",
    },
    dataset: "Fashion-MNIST",
    stepLosses: [],
    events: [
      startEvent,
      stepEvent(1, 469),
      epochEvent(1),
      stepEvent(2, 469),
      epochEvent(2),
      stepEvent(3, 469),
      epochEvent(3),
      doneEvent,
    ],
    results: undefined,
    ...changes,
  };
}
