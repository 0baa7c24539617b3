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
  if (isGuessing(evaluation.testLossNats, perClass.length)) {
    const figures = `test loss is ${evaluation.testLossNats.toFixed(3)}`;
    return guessingText(`epoch ${epoch}`, figures, perClass.length);
  }
  const names = unpredicted.map(({ name }) => name).join(", ");
  return (
    `${unpredicted.length} of ${perClass.length} classes (${names}) were not predicted for any test image ` +
    `after epoch ${epoch}. If that lasts, a lower learning rate or the preset robust may help.`
  );
}
