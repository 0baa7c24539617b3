import { createAugmentation } from "../augment/augmentations.ts";
import { isSynthetic } from "../data/datasets.ts";
import type { Layer } from "../nn/layer.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { createOptimizer } from "../optim/optimizers.ts";
import { type Schedule, withWarmup } from "../optim/schedule.ts";
import { createSchedule } from "../optim/schedules.ts";
import type { BatchSource } from "./batch-source.ts";
import { notified } from "./callback.ts";
import type { TrainEvent } from "./events.ts";
import { type LoopOptions, trainingLoop } from "./loop.ts";
import { placeOf } from "./place.ts";
import type { Recipe } from "./recipe.ts";
import { versions } from "./versions.ts";

/** How {@link train} runs, and what takes the place of the recipe's values. */
export interface TrainOptions extends LoopOptions {
  /** Takes the place of the recipe's, for one that is in no registry. */
  readonly optimizer?: Optimizer | undefined;
  /** Takes the place of the recipe's schedule and warm-up. */
  readonly schedule?: Schedule | undefined;
}

/**
 * Runs a recipe and tells, event by event, how it goes: `start`, then for each epoch its `step`s and an
 * `epoch`, with `deadClassMaps`, `divergence` or a `notice` where a person should know something, and `done`.
 *
 *     for await (const event of train(net, trainIter, testIter, recipe, { device })) { ... }
 *
 * The iterators must have been made as the recipe says (data set, batch size, resize, limit, seed).
 *
 * @throws ShapeError if the network cannot take the images or the labels
 */
export function train(
  net: Layer,
  trainIter: BatchSource,
  testIter: BatchSource,
  recipe: Recipe,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, undefined> {
  return notified(events(net, trainIter, testIter, recipe, options), options.callbacks ?? []);
}

async function* events(
  net: Layer,
  trainIter: BatchSource,
  testIter: BatchSource,
  recipe: Recipe,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { device, resume } = options;
  yield {
    kind: "start",
    recipe,
    device: placeOf(device, options.communicator),
    threads: device.threads,
    versions: versions(),
    net: net.kind,
    parameters: net.parameterCount,
    dataset: recipe.dataset,
    synthetic: isSynthetic(recipe.dataset),
    trainImages: trainIter.count,
    testImages: testIter.count,
    stepsPerEpoch: trainIter.batchCount,
    ...(resume && {
      resumedAfter: { epoch: resume.state.progress.epoch, step: resume.state.progress.step },
    }),
  };
  const settings = {
    epochs: recipe.epochs,
    lr: recipe.lr,
    seed: recipe.seed,
    optimizer: options.optimizer ?? createOptimizer(recipe.optimizer),
    schedule: options.schedule ?? withWarmup(createSchedule(recipe.schedule), recipe.warmup),
    labelSmoothing: recipe.labelSmoothing,
    classWeights: recipe.classWeights ?? undefined,
    augmentations: recipe.augment.map(createAugmentation),
    clip: recipe.clip ?? undefined,
    ema: recipe.ema ?? undefined,
    slice: recipe.slice ?? undefined,
  };
  yield* trainingLoop(net, trainIter, testIter, settings, options);
}
