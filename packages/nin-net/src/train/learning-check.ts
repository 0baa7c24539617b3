/** Tells a network that has learned nothing yet from one that learns badly. */
import type { EvaluationResult } from "./evaluate.ts";

/** Steps into a run after which it is looked at: a network that learns has left chance by then. */
export const learningCheckStep = 300;

/** How near, as a share of it, a loss is to that of guessing if the network has learned nothing. */
const guessingMargin = 0.02;

/** Whether a mean cross-entropy is no better than that of a network that gives every class the same share. */
export function isGuessing(lossNats: number, classes: number): boolean {
  return lossNats >= (1 - guessingMargin) * Math.log(classes);
}

/** How much of what guessing leaves to be found a network finds that has learned something. */
const learnedShare = 0.1;

/** Whether more test images come out right than by guessing the class that most of them are of. */
export function findsClasses({ testAccuracy, perClass }: EvaluationResult): boolean {
  const supports = perClass.map(({ support }) => support);
  const guessed = Math.max(...supports) / supports.reduce((sum, support) => sum + support, 0);
  return testAccuracy >= guessed + learnedShare * (1 - guessed);
}

/** Whether a mean cross-entropy is that of a network that gives every class the same share, and no worse. */
export function isUntaught(lossNats: number, classes: number): boolean {
  return isGuessing(lossNats, classes) && lossNats <= (1 + guessingMargin) * Math.log(classes);
}

const advice =
  "Deep networks without normalization can stand there for thousands of steps, some for good. Normalized images, " +
  "batch normalization and momentum help (the preset robust has them); so does another learning rate.";

/**
 * What shows that the network is guessing: the test loss, or the accuracy where no loss is known for guessing.
 *
 * @param isCrossEntropy - whether the loss is
 */
export function guessingFigures(evaluation: EvaluationResult, isCrossEntropy: boolean): string {
  const { testLossNats, testAccuracy } = evaluation;
  return isCrossEntropy
    ? `test loss is ${testLossNats.toFixed(3)}`
    : `test accuracy is ${testAccuracy.toFixed(3)}`;
}

/** @param figures - see {@link guessingFigures} */
export function guessingText(after: string, figures: string, classes: number, more = ""): string {
  return `Nothing has been learned yet: after ${after} the ${figures}, as of guessing among ${classes} classes${more}. ${advice}`;
}

/**
 * What there is to say after {@link learningCheckStep} steps, or null if the network has begun to learn.
 *
 * @param lossNats - mean over these steps
 */
export function nothingLearned(lossNats: number, classes: number, steps: number): string | null {
  if (!isGuessing(lossNats, classes)) return null;
  const figures = `mean loss is ${lossNats.toFixed(3)}`;
  return guessingText(
    `${steps} steps`,
    figures,
    classes,
    ` (ln ${classes} = ${Math.log(classes).toFixed(3)})`,
  );
}
