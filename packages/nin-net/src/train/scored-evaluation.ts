import type { BatchSource } from "./batch-source.ts";
import { type EvaluateOptions, type EvaluationResult, evaluateSession } from "./evaluate.ts";
import type { Session } from "./session.ts";

/** The result of an evaluation, with the scores of every image. */
export interface ScoredEvaluation {
  /** Loss, accuracy and confusions. */
  readonly evaluation: EvaluationResult;
  /** Class scores of each image, in the order of the iterator: images x classes. */
  readonly scores: Float32Array;
}

/**
 * Evaluates as `evaluate` does, and keeps the scores of every image.
 *
 * @throws ShapeError if the network cannot take the images or the labels
 */
export async function evaluateWithScores(
  session: Session,
  testIter: BatchSource,
  options: Omit<EvaluateOptions, "device" | "onScores"> = {},
): Promise<ScoredEvaluation> {
  const batches: Float32Array[] = [];
  const onScores = (scores: Float32Array): void => void batches.push(scores);
  const evaluation = await evaluateSession(session, testIter, { ...options, onScores });
  const scores = new Float32Array(batches.reduce((length, batch) => length + batch.length, 0));
  let end = 0;
  for (const batch of batches) {
    scores.set(batch, end);
    end += batch.length;
  }
  return { evaluation, scores };
}
