import type { EvaluationResult } from "./evaluate.ts";
import type { DeadClassMapsEvent } from "./events.ts";
import { findsClasses, guessingFigures, guessingText, isUntaught } from "./learning-check.ts";

/**
 * What there is to say of class maps that gave 0 for every test image, or null if there are none.
 *
 * The network's last ReLU can shut a class map for good: it gives 0 for every image, gets no gradient, and its
 * class is never found. 50 of 129 published runs of the tutorial's recipe ended stuck. A class's score is the mean of
 * its map, and no value behind a ReLU is negative: a score of exactly 0 is a map of zeros.
 *
 * While a network still guesses, about half of its maps are zeros, as with fresh weights; that says nothing of them yet.
 *
 * @param epoch - from 1
 * @param before - the dead maps of the epoch before, by index: what was said of them is not said again
 * @param isCrossEntropy - whether the evaluation's loss is; of another nothing is known of a network that guesses
 */
export function deadClassMaps(
  evaluation: EvaluationResult,
  epoch: number,
  before: readonly number[],
  isCrossEntropy = true,
): DeadClassMapsEvent | null {
  const { perClass, silentClasses } = evaluation;
  if (silentClasses.length === 0) return null;
  const classes = silentClasses.map((k) => perClass[k]!.name);
  const names = classes.join(", ");
  const isKnown = silentClasses.length === before.length && silentClasses.every((k) => before.includes(k));
  const reachable = Math.round(100 * reachableAccuracy(evaluation));
  const message = !areMapsDead(evaluation, isCrossEntropy)
    ? guessingText(
        `epoch ${epoch}`,
        guessingFigures(evaluation, isCrossEntropy),
        perClass.length,
        `; the class map${classes.length === 1 ? "" : "s"} of ${names} ${classes.length === 1 ? "gives" : "give"} 0 for every test image so far`,
      )
    : isKnown
      ? `Still 0 for every test image after epoch ${epoch}: the class maps of ${names}.`
      : `${classes.length} of ${perClass.length} class maps (${names}) give 0 for every test image: ` +
        "the last ReLU has shut them off, so they no longer learn, and hardly more than " +
        `${reachable} % of the images can come out right. Start again without the last ReLU, with another seed or with a lower learning rate (the preset robust has none).`;
  return { kind: "deadClassMaps", epoch, classes, maps: perClass.length, message };
}

/**
 * Whether class maps that give 0 for every image are shut off for good. Where all are, nothing has a gradient; where some
 * are and the network still guesses, nothing has been learned yet.
 *
 * @param isCrossEntropy - whether the evaluation's loss is; with another the accuracy alone tells whether it guesses
 */
export function areMapsDead(evaluation: EvaluationResult, isCrossEntropy = true): boolean {
  const { testLossNats, perClass, silentClasses } = evaluation;
  if (silentClasses.length === 0) return false;
  if (silentClasses.length === perClass.length) return true;
  return isCrossEntropy ? !isUntaught(testLossNats, perClass.length) : findsClasses(evaluation);
}

/** Share of the images that belong to a class whose map is alive. */
function reachableAccuracy({ perClass, silentClasses }: EvaluationResult): number {
  const total = perClass.reduce((sum, { support }) => sum + support, 0);
  const lost = silentClasses.reduce((sum, k) => sum + perClass[k]!.support, 0);
  return (total - lost) / total;
}
