import { createAugmentation } from "../augment/augmentations.ts";
import type { Device } from "../backends/backend.ts";
import { NinError } from "../core/errors.ts";
import type { Labels } from "../data/dataset.ts";
import { defaultDevice } from "../nn/default-device.ts";
import type { Layer } from "../nn/layer.ts";
import type { Loss } from "../nn/losses.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { createOptimizer } from "../optim/optimizers.ts";
import { sgd } from "../optim/sgd.ts";
import { type Communicator, soloCommunicator } from "../ranks/communicator.ts";
import { SharedStop } from "../ranks/shared-stop.ts";
import type { BatchSource, PixelBatch } from "./batch-source.ts";
import { inOrder } from "./in-order.ts";
import { trainingLossOf } from "./loop.ts";
import type { Recipe } from "./recipe.ts";
import { Session } from "./session.ts";

/** What of a recipe the search follows: the rest, and so every recipe, may be given too. */
export type RateSearchRecipe = Partial<
  Pick<Recipe, "optimizer" | "labelSmoothing" | "classWeights" | "augment" | "clip" | "slice" | "seed">
>;

/** How {@link findLearningRate} runs, and what takes the place of the recipe's values. */
export interface RateSearchOptions {
  /** Default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Takes the place of the recipe's, for one that is in no registry. */
  readonly optimizer?: Optimizer | undefined;
  /** Default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** The rate of the first step; default 1e-6. */
  readonly from?: number | undefined;
  /** The rate of the last step; default 10. */
  readonly to?: number | undefined;
  /** Steps at most, at least 20; default 100. */
  readonly steps?: number | undefined;
  /** Ends the search after the steps under way. */
  readonly signal?: AbortSignal | undefined;
  /** The ranks that share each batch, as in training; default: one process. */
  readonly communicator?: Communicator | undefined;
  /** Told of each step as it ends. */
  readonly onPoint?: ((point: RatePoint) => void) | undefined;
}

/** One step of the search. */
export interface RatePoint {
  /** Learning rate of the step. */
  readonly lr: number;
  /** Mean over the step's batch, before the step has changed the weights. */
  readonly lossNats: number;
  /** Running mean of the losses up to here: each weighs 0.9 times as much as the one after it. */
  readonly smoothedNats: number;
}

/** The loss over the learning rate. */
export interface RateSearch {
  /** In the order of the steps: the rate rises. */
  readonly points: readonly RatePoint[];
  /** See {@link suggestedRate}. */
  readonly suggestion: number | null;
  /** `finished`: up to the last rate; `diverged`: the loss exploded before it; `stopped`: by the signal. */
  readonly reason: "finished" | "diverged" | "stopped";
}

/** A smoothed loss of so many times the lowest ends the search. */
const explosion = 4;
/** Share of the running mean that each step keeps. */
const kept = 0.9;
/** The smoothed loss of so many first steps is of too few batches to be looked at. */
const noisySteps = 10;
/** A smoothed loss above this share of the one that it started from has not fallen. */
const standstill = 0.98;

/**
 * Learning-rate range test: trains for some steps while the rate rises exponentially, and records the loss. The
 * network keeps its weights; the recipe's own rate, schedule and warm-up have no part in it.
 *
 *     const { suggestion } = await findLearningRate(net, trainIter, recipe, { device });
 *
 * @throws ShapeError if the network cannot take the images or the labels; NinError if an option is out of range
 * @see Smith 2017, "Cyclical learning rates for training neural networks" (arXiv:1506.01186), section 3.3
 */
export async function findLearningRate(
  net: Layer,
  trainIter: BatchSource,
  recipe: RateSearchRecipe,
  options: RateSearchOptions = {},
): Promise<RateSearch> {
  const { loss, onPoint, from = 1e-6, to = 10, steps = 100, communicator = soloCommunicator } = options;
  const stop = new SharedStop(communicator, options.signal);
  const { signal } = stop;
  checkRange(trainIter, from, to, steps);
  const { seed = 0, optimizer, augment = [], clip, slice } = recipe;
  const classWeights = recipe.classWeights ?? undefined;
  using session = await Session.open(net, options.device ?? (await defaultDevice()), {
    optimizer: options.optimizer ?? (optimizer ? createOptimizer(optimizer) : sgd()),
    loss,
    trainingLoss: trainingLossOf({ ...recipe, classWeights }, loss),
    classWeights,
    augmentations: augment.map(createAugmentation),
    clip: clip ?? undefined,
    slice: slice ?? undefined,
    communicator,
    afterBatch: () => stop.agree(),
  });
  const rateAt = (step: number): number => from * (to / from) ** (step / (steps - 1));
  const points: RatePoint[] = [];
  const smooth = smoothed();
  let lowest = Number.POSITIVE_INFINITY;
  let hasExploded = false;
  const isHeld = (): boolean => hasExploded || signal?.aborted === true;
  const measures = inOrder(
    firstBatches(trainIter, steps),
    ({ images, labels, epoch, step, stepsBefore }) =>
      session.step(images, labels, { lr: rateAt(stepsBefore), seed, epoch, step, stepsBefore }),
    { ahead: session.ahead, isHeld },
  );
  for await (const { result } of measures) {
    if (hasExploded) continue;
    const lossNats = result.lossNatsSum / result.images;
    const smoothedNats = smooth(lossNats);
    lowest = Math.min(lowest, smoothedNats);
    hasExploded = !Number.isFinite(lossNats) || smoothedNats > explosion * lowest;
    if (!Number.isFinite(lossNats)) continue;
    const point = { lr: rateAt(points.length), lossNats, smoothedNats };
    points.push(point);
    onPoint?.(point);
  }
  const isStopped = points.length < steps && !hasExploded;
  return {
    points,
    suggestion: suggestedRate(points),
    reason: hasExploded ? "diverged" : isStopped ? "stopped" : "finished",
  };
}

/**
 * The rate at which the smoothed loss falls most steeply over the logarithm of the rate, before it is at its lowest;
 * the first ten steps are left out. Null if the loss never falls by 2 %.
 *
 * @param points - at rates whose logarithms are evenly spaced
 */
export function suggestedRate(points: readonly RatePoint[]): number | null {
  const losses = points.map(({ smoothedNats }) => smoothedNats);
  const looked = losses.slice(noisySteps);
  const lowest = looked.indexOf(Math.min(...looked)) + noisySteps;
  if (looked.length < 3 || losses[lowest]! > standstill * losses[noisySteps - 1]!) return null;
  let best: { readonly at: number; readonly slope: number } | undefined;
  for (let at = noisySteps; at <= lowest && at + 1 < losses.length; at++) {
    const slope = losses[at + 1]! - losses[at - 1]!;
    if (best === undefined || slope < best.slope) best = { at, slope };
  }
  return best === undefined ? null : points[best.at]!.lr;
}

/** A running mean that forgets: every loss weighs 0.9 times as much as the one after it. */
function smoothed(): (lossNats: number) => number {
  let sum = 0;
  let weight = 0;
  return (lossNats) => {
    sum = kept * sum + lossNats;
    weight = kept * weight + 1;
    return sum / weight;
  };
}

interface PlacedBatch {
  readonly images: PixelBatch;
  readonly labels: Labels;
  readonly epoch: number;
  /** From 0, within the epoch. */
  readonly step: number;
  /** Over all epochs. */
  readonly stepsBefore: number;
}

/** The first batches of training, from as many epochs as that takes. */
function* firstBatches(source: BatchSource, count: number): Generator<PlacedBatch, void, undefined> {
  let stepsBefore = 0;
  for (let epoch = 0; ; epoch++) {
    let step = 0;
    for (const [images, labels] of source.batches(epoch)) {
      if (stepsBefore === count) return;
      yield { images, labels, epoch, step: step++, stepsBefore: stepsBefore++ };
    }
  }
}

function checkRange({ count }: BatchSource, from: number, to: number, steps: number): void {
  if (count === 0) {
    throw new NinError("findLearningRate: got no images, expected some. Give an iterator over some images.");
  }
  if (!(from > 0 && to > from && Number.isFinite(to))) {
    throw new NinError(
      `findLearningRate: got rates from ${from} to ${to}, expected them above 0 and rising. Give a lower from or a higher to.`,
    );
  }
  if (!(Number.isInteger(steps) && steps >= 2 * noisySteps)) {
    throw new NinError(
      `findLearningRate: got ${steps} steps, expected a whole number from ${2 * noisySteps} up. Give more of them.`,
    );
  }
}
