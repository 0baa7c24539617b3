import { deadClassMaps } from "./dead-class-maps.ts";
import type { EvaluationResult } from "./evaluate.ts";
import { unpredictedClasses } from "./unpredicted-classes.ts";

/**
 * What a person should know of an evaluation besides its figures: that nothing has been learned yet, that class maps are
 * dead, or that classes are left out.
 *
 * @param epoch - after which it was made, from 1
 */
export function evaluationNotes(evaluation: EvaluationResult, epoch: number): string[] {
  const notes = [deadClassMaps(evaluation, epoch, [])?.message, unpredictedClasses(evaluation, epoch)];
  return notes.filter((note) => note != null);
}
