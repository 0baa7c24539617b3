import type { EvaluationResult } from "./evaluate.ts";
import { guessingText, isGuessing } from "./learning-check.ts";

/**
 * What a person should know of classes that were not predicted for any test image after an epoch though their
 * class maps are alive, or null; a network that has learned nothing yet is told apart from one that leaves classes out.
 * `deadClassMaps` tells of those whose maps are not alive.
 */
export function unpredictedClasses(evaluation: EvaluationResult, epoch: number): string | null {
  const { perClass, silentClasses, confusion } = evaluation;
  if (silentClasses.length > 0) return null;
  const unpredicted = perClass.filter(
    ({ support }, k) => support > 0 && confusion.every((row) => row[k] === 0),
  );
  if (unpredicted.length === 0) return null;
  if (hasLearnedNothing(evaluation)) {
    const figures = `test loss is ${evaluation.testLossNats.toFixed(3)}`;
    return guessingText(`epoch ${epoch}`, figures, perClass.length);
  }
  const names = unpredicted.map(({ name }) => name).join(", ");
  return (
    `${unpredicted.length} of ${perClass.length} classes (${names}) were not predicted for any test image ` +
    `after epoch ${epoch}. If that lasts, a lower learning rate or the preset robust may help.`
  );
}

/** How much of what guessing leaves to be found a network finds that has learned something. */
const learnedShare = 0.1;

/**
 * Whether a network is no better than guessing, neither in its loss nor in its accuracy. Of one that finds classes the
 * loss may be worse nevertheless: it can be too sure of itself, and running statistics lag at first.
 */
function hasLearnedNothing({ testLossNats, testAccuracy, perClass }: EvaluationResult): boolean {
  const supports = perClass.map(({ support }) => support);
  const guessed = Math.max(...supports) / supports.reduce((sum, support) => sum + support, 0);
  const hasFound = testAccuracy >= guessed + learnedShare * (1 - guessed);
  return !hasFound && isGuessing(testLossNats, perClass.length);
}
