import type { Device } from "../backends/backend.ts";
import { ShapeError } from "../core/errors.ts";
import { defaultDevice } from "../nn/default-device.ts";
import type { Layer } from "../nn/layer.ts";
import type { Loss } from "../nn/losses.ts";
import { type Communicator, soloCommunicator } from "../ranks/communicator.ts";
import { SharedStop } from "../ranks/shared-stop.ts";
import type { BatchSource } from "./batch-source.ts";
import { inOrder } from "./in-order.ts";
import { Session } from "./session.ts";

/** How well one class is told from the others. */
export interface ClassMetrics {
  /** The class's name. */
  readonly name: string;
  /** Of the images said to be of this class, the share that is, 0..1; 0 if there are none. */
  readonly precision: number;
  /** Of this class's images, the share found, 0..1; 0 if there are none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall, 0..1. */
  readonly f1: number;
  /** Images of this class. */
  readonly support: number;
}

/** What a network does on a set of images, in evaluation mode. */
export interface EvaluationResult {
  /** Mean cross-entropy, or the mean of the loss that was given. */
  readonly testLossNats: number;
  /** 0..1 */
  readonly testAccuracy: number;
  /** Images by true class (rows) and predicted class (columns). */
  readonly confusion: readonly (readonly number[])[];
  /** One for each class, in the order of the labels. */
  readonly perClass: readonly ClassMetrics[];
  /** Classes, by index, whose score was 0 for every image: a last ReLU that never opens. */
  readonly silentClasses: readonly number[];
}

/** How {@link evaluate} runs, and by which loss it judges. */
export interface EvaluateOptions {
  /** Default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** Default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Names of the classes; default `class 0` and so on. */
  readonly classes?: readonly string[] | undefined;
  /**
   * Whether the scores of each image are averaged with those of its mirror image: the scores before the softmax, as
   * they come from the network. Takes twice as long. Default: false
   */
  readonly flips?: boolean | undefined;
  /** Rejects with the signal's reason after the current batches. */
  readonly signal?: AbortSignal | undefined;
  /** The ranks that share each batch, as in training; default: one process. */
  readonly communicator?: Communicator | undefined;
  /** Is given the class scores of each batch, images x classes, as they come. */
  readonly onScores?: ((scores: Float32Array) => void) | undefined;
}

/**
 * Classifies every test image, in evaluation mode.
 *
 * @throws ShapeError if the network cannot take the images or the labels
 */
export async function evaluate(
  net: Layer,
  testIter: BatchSource,
  options: EvaluateOptions = {},
): Promise<EvaluationResult> {
  const device = options.device ?? (await defaultDevice());
  const { loss, communicator = soloCommunicator } = options;
  const stop = new SharedStop(communicator, options.signal);
  using session = await Session.open(net, device, { loss, communicator, afterBatch: () => stop.agree() });
  return await evaluateSession(session, testIter, { ...options, signal: stop.signal });
}

/**
 * The share of test images classified right, 0..1, in evaluation mode.
 *
 * @throws ShapeError if the network cannot take the images or the labels
 */
export async function evaluateAccuracy(
  net: Layer,
  testIter: BatchSource,
  options: EvaluateOptions = {},
): Promise<number> {
  return (await evaluate(net, testIter, options)).testAccuracy;
}

/** {@link evaluate} with weights that are on a device already. */
export async function evaluateSession(
  session: Session,
  testIter: BatchSource,
  { classes: names, signal, onScores, flips }: EvaluateOptions = {},
): Promise<EvaluationResult> {
  let lossNatsSum = 0;
  let correct = 0;
  let images = 0;
  let confusion: number[][] = [];
  let silent: boolean[] = [];
  const scored = inOrder(
    testIter.batches(0),
    async ([batch, labels]) => {
      signal?.throwIfAborted();
      return { labels, ...(await session.evaluate(batch, labels, flips)) };
    },
    session,
  );
  for await (const { result } of scored) {
    const { labels, logits, classes } = result;
    onScores?.(logits);
    if (confusion.length === 0) {
      confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
      silent = new Array<boolean>(classes).fill(true);
    }
    lossNatsSum += result.lossNatsSum;
    correct += result.correct;
    images += result.images;
    labels.forEach((label, n) => {
      const scores = logits.subarray(n * classes, (n + 1) * classes);
      confusion[label]![argmax(scores)]!++;
      scores.forEach((score, k) => {
        if (score !== 0) silent[k] = false;
      });
    });
  }
  if (images === 0) {
    throw new ShapeError("evaluate", {
      got: "no images",
      want: "at least one",
      fix: "Give an iterator over some images.",
    });
  }
  return {
    testLossNats: lossNatsSum / images,
    testAccuracy: correct / images,
    confusion,
    perClass: confusion.map((_, k) => classMeasure(confusion, k, names?.[k] ?? `class ${k}`)),
    silentClasses: silent.flatMap((isSilent, k) => (isSilent ? [k] : [])),
  };
}

/** Index of the largest score; the first one wins, as in PyTorch. */
function argmax(scores: Float32Array): number {
  return scores.reduce((best, score, k) => (score > scores[best]! ? k : best), 0);
}

function classMeasure(confusion: readonly (readonly number[])[], k: number, name: string): ClassMetrics {
  const hits = confusion[k]![k]!;
  const support = confusion[k]!.reduce((sum, count) => sum + count, 0);
  const predicted = confusion.reduce((sum, row) => sum + row[k]!, 0);
  const precision = predicted === 0 ? 0 : hits / predicted;
  const recall = support === 0 ? 0 : hits / support;
  const f1 = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { name, precision, recall, f1, support };
}
