import { DataError, type Recipe } from "nin-net";
import type { TrainingCost } from "./training-cost.ts";

/** A network whose recipe is to be fitted into a budget. */
export interface Candidate {
  /** The network's own. */
  readonly recipe: Recipe;
  readonly cost: TrainingCost;
}

/** How far a budget carries. */
export interface TrainingPlan {
  /** The first so many test images are classified after each epoch, and compared. */
  readonly testImages: number;
  /** In the order of the candidates. */
  readonly networks: readonly PlannedNetwork[];
}

export interface PlannedNetwork {
  /** The network's own, with fewer epochs or images where the budget asks for it. */
  readonly recipe: Recipe;
  /** About what a run takes, its last test included. */
  readonly seconds: number;
}

export interface Budget {
  /** As it was given, for all runs together. */
  readonly minutes: number;
  /** What was spent of it before training begins. */
  readonly spentSeconds: number;
  /** Runs of each network, with different seeds. */
  readonly runs: number;
  /** Images of the data set. */
  readonly trainImages: number;
  readonly testImages: number;
  /** Whether fewer test images may be taken than `testImages`. */
  readonly mayTestFewer: boolean;
}

/** Checkpoints and report, about. */
const epochSeconds = 2;
/** What is planned of the budget: machines are not always equally fast. */
const plannedShare = 0.9;
/** What tests may take of a network's share. */
const testShare = 0.25;
/** With fewer, an accuracy says little. */
const fewestTestImages = 100;

/**
 * Divides time among networks: those that need less than an equal share for their whole recipe get what they need, the
 * others share the rest equally, and train for fewer epochs, or where even one is too long, on fewer images.
 *
 * @throws DataError if a network's share is not even enough for one step
 */
export function planTraining(candidates: readonly Candidate[], budget: Budget): TrainingPlan {
  const { runs, trainImages } = budget;
  const count = candidates.length;
  const seconds = Math.max(0, 60 * budget.minutes - budget.spentSeconds);
  const equalShare = (plannedShare * seconds) / (count * runs);
  const testImages = testImagesFor(candidates, equalShare, budget);
  const wanted = candidates.map(({ recipe, cost }) =>
    secondsFor(cost, recipe.epochs, trainImages, testImages),
  );
  const networks: PlannedNetwork[] = [];
  let left = equalShare * count;
  // What a network does not need, or cannot use for another epoch, is for those after it.
  const smallestFirst = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  for (const [done, i] of smallestFirst.entries()) {
    const { recipe, cost } = candidates[i]!;
    const fitted = fittedRecipe(recipe, cost, left / (count - done), trainImages, testImages);
    if (fitted === null) throw tooSmall(candidates, budget, Math.min(testImages, fewestTestImages));
    const needed = secondsFor(cost, fitted.epochs, fitted.limit ?? trainImages, testImages);
    networks[i] = { recipe: fitted, seconds: needed };
    left -= needed;
  }
  return { testImages, networks };
}

/** About what a run takes: a test after each epoch, and one when the runs are compared. */
export function secondsFor(
  cost: TrainingCost,
  epochs: number,
  trainImages: number,
  testImages: number,
): number {
  const epoch = trainImages * cost.trainSeconds + testImages * cost.testSeconds + epochSeconds;
  return epochs * epoch + testImages * cost.testSeconds;
}

/** As many as the slowest network can test twice; rounded down to hundreds where they are not all. */
function testImagesFor(
  candidates: readonly Candidate[],
  share: number,
  { testImages, mayTestFewer }: Budget,
): number {
  if (!mayTestFewer) return testImages;
  const slowest = Math.max(...candidates.map(({ cost }) => cost.testSeconds));
  const affordable = Math.floor((testShare * share) / (2 * slowest));
  if (affordable >= testImages) return testImages;
  return Math.min(testImages, Math.max(fewestTestImages, Math.floor(affordable / 100) * 100));
}

/** @returns null if there is no time for a step */
function fittedRecipe(
  recipe: Recipe,
  cost: TrainingCost,
  share: number,
  trainImages: number,
  testImages: number,
): Recipe | null {
  const { batchSize } = recipe;
  const lastTest = testImages * cost.testSeconds;
  const oneEpoch = secondsFor(cost, 1, trainImages, testImages) - lastTest;
  const epochs = Math.min(recipe.epochs, Math.floor((share - lastTest) / oneEpoch + 1e-9));
  if (epochs >= 1) return { ...recipe, epochs };
  const forTraining = share - secondsFor(cost, 1, 0, testImages);
  const steps = Math.floor(forTraining / (batchSize * cost.trainSeconds));
  return steps < 1 ? null : { ...recipe, epochs: 1, limit: Math.min(trainImages, steps * batchSize) };
}

function tooSmall(
  candidates: readonly Candidate[],
  { minutes, spentSeconds, runs }: Budget,
  testImages: number,
): DataError {
  const least = candidates.map(({ recipe, cost }) => secondsFor(cost, 1, recipe.batchSize, testImages));
  const enough = (Math.max(...least) * candidates.length * runs) / plannedShare + spentSeconds;
  const nets = candidates.map(({ recipe }) => recipe.net).join(", ");
  return new DataError(
    `--minutes: got ${minutes}, expected about ${Math.ceil(enough / 6) / 10} or more: ${nets} need as much for a ` +
      "first step and its test on this machine. Give more, or leave a network out.",
  );
}
