import type { EvaluationResult } from "./evaluate.ts";

/**
 * What a person should know of classes that were not predicted for any test image after an epoch though their
 * class maps are alive, or null; `deadClassMaps` tells of those whose maps are not.
 */
export function unpredictedClasses(evaluation: EvaluationResult, epoch: number): string | null {
  const { perClass, silentClasses, confusion } = evaluation;
  if (silentClasses.length > 0) return null;
  const unpredicted = perClass.filter(
    ({ support }, k) => support > 0 && confusion.every((row) => row[k] === 0),
  );
  if (unpredicted.length === 0) return null;
  const names = unpredicted.map(({ name }) => name).join(", ");
  return (
    `${unpredicted.length} of ${perClass.length} classes (${names}) were not predicted for any test image ` +
    `after epoch ${epoch}. If that lasts, start again with another seed or a lower learning rate.`
  );
}
