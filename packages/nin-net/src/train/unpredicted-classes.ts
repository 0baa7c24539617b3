import type { EvaluationResult } from "./evaluate.ts";
import { findsClasses, guessingFigures, guessingText, isUntaught } from "./learning-check.ts";

/**
 * What a person should know of classes that were not predicted for any test image after an epoch though their
 * class maps are alive, or null; a network that has learned nothing yet is told apart from one that leaves classes out.
 * `deadClassMaps` tells of those whose maps are not alive.
 *
 * @param epoch - from 1
 * @param isCrossEntropy - whether the evaluation's loss is; of another nothing is known of a network that guesses
 */
export function unpredictedClasses(
  evaluation: EvaluationResult,
  epoch: number,
  isCrossEntropy = true,
): string | null {
  const { perClass, silentClasses, confusion } = evaluation;
  if (silentClasses.length > 0) return null;
  const unpredicted = perClass.filter(
    ({ support }, k) => support > 0 && confusion.every((row) => row[k] === 0),
  );
  if (unpredicted.length === 0) return null;
  if (hasLearnedNothing(evaluation, isCrossEntropy)) {
    return guessingText(`epoch ${epoch}`, guessingFigures(evaluation, isCrossEntropy), perClass.length);
  }
  const names = unpredicted.map(({ name }) => name).join(", ");
  return (
    `${unpredicted.length} of ${perClass.length} classes (${names}) ${unpredicted.length === 1 ? "was" : "were"} ` +
    "not predicted for any test image " +
    `after epoch ${epoch}. If that lasts, a lower learning rate or the preset robust may help.`
  );
}

/**
 * Whether a network is as good as guessing, in its loss and in its accuracy. One whose loss is worse has learned
 * something, though not what the test images show: it can be too sure of itself, and running statistics lag at first.
 */
function hasLearnedNothing(evaluation: EvaluationResult, isCrossEntropy: boolean): boolean {
  const { testLossNats, perClass } = evaluation;
  return !findsClasses(evaluation) && (!isCrossEntropy || isUntaught(testLossNats, perClass.length));
}
