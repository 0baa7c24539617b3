import type { EvaluationResult } from "./evaluate.ts";
import { isGuessing, learningAdvice } from "./learning-check.ts";

/**
 * What a person should know of classes that were not predicted for any test image after an epoch though their
 * class maps are alive, or null; a network that has learned nothing yet is told apart from one that leaves classes out; `deadClassMaps` tells of those whose maps are not.
 */
export function unpredictedClasses(evaluation: EvaluationResult, epoch: number): string | null {
  const { perClass, silentClasses, confusion } = evaluation;
  if (silentClasses.length > 0) return null;
  const unpredicted = perClass.filter(
    ({ support }, k) => support > 0 && confusion.every((row) => row[k] === 0),
  );
  if (unpredicted.length === 0) return null;
  if (isGuessing(evaluation.testLossNats, perClass.length)) {
    return (
      `Nothing has been learned yet: after epoch ${epoch} the test loss is ${evaluation.testLossNats.toFixed(3)}, as of ` +
      `guessing among ${perClass.length} classes. ${learningAdvice}`
    );
  }
  const names = unpredicted.map(({ name }) => name).join(", ");
  return (
    `${unpredicted.length} of ${perClass.length} classes (${names}) were not predicted for any test image ` +
    `after epoch ${epoch}. If that lasts, a lower learning rate or the preset robust may help.`
  );
}
