import type { EpochEvent, StartEvent, StepEvent } from "#nin-net/train/events.js";
import { presets } from "#nin-net/train/recipe.js";

/** A run of two epochs: 1000 training images in ten steps, 300 test images. */
export const start: StartEvent = {
  kind: "start",
  recipe: { ...presets.tutorial, epochs: 2, batchSize: 100 },
  device: "cpu (a test)",
  threads: 2,
  versions: {},
  net: "NinNet",
  parameters: 1_992_166,
  dataset: "fashion-mnist",
  synthetic: false,
  trainImages: 1000,
  testImages: 300,
  stepsPerEpoch: 10,
};

/** At 100 images a second. */
export function step(epoch: number, number: number): StepEvent {
  return {
    kind: "step",
    epoch,
    step: number,
    steps: 10,
    lossNats: 1.5,
    accuracy: 0.5,
    batchLossNats: 1.4,
    imagesPerSecond: 100,
  };
}

/** Ten seconds of training and four of everything else. */
export function epochDone(epoch: number): EpochEvent {
  return {
    kind: "epoch",
    epoch,
    trainLossNats: 1.25,
    trainAccuracy: 0.5,
    testLossNats: 1.125,
    testAccuracy: 0.625,
    imagesPerSecond: 100,
    seconds: 14,
  };
}
