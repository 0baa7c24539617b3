import type * as z from "zod";
import type { Tensor } from "../core/tensor.ts";
import type { EpochEndEvent } from "./events.ts";
import type { progressSchema } from "./progress-schema.ts";

/** T, and everything in it, read-only. */
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/**
 * How far training has come.
 *
 * @interface
 */
export type Progress = DeepReadonly<z.infer<typeof progressSchema>>;

/** All that training needs to go on as if it had never been stopped. */
export interface TrainingState {
  /** In PyTorch's order and under PyTorch's names. */
  readonly weights: Readonly<Record<string, Tensor>>;
  /** What the optimiser keeps: for each of its names, tensors named and shaped as the weights; empty if nothing. */
  readonly optimizer: Readonly<Record<string, Readonly<Record<string, Tensor>>>>;
  /** Moving averages of weights and buffers, named and shaped as they; only where the recipe has `ema`. */
  readonly averages?: Readonly<Record<string, Tensor>> | undefined;
  /** Epochs, steps, sums and clocks. */
  readonly progress: Progress;
  /** What there is to tell of the epoch that has just ended: a run that goes on from here begins with it. */
  readonly pendingEvents?: readonly EpochEndEvent[];
}

/** Of a run that has not begun. */
export function noProgress(lr: number): Progress {
  return {
    epoch: 0,
    step: 0,
    running: { lossNatsSum: 0, correct: 0, images: 0 },
    lr,
    rollbacks: 0,
    testAccuracy: null,
    best: null,
    deadClassMaps: [],
    seconds: { run: 0, training: 0, epoch: 0, epochTraining: 0 },
  };
}

/** The weights that a network is evaluated and used with: the averages, where there are some. */
export function resultWeights({
  weights,
  averages = weights,
}: Pick<TrainingState, "weights" | "averages">): TrainingState["weights"] {
  return averages;
}

/** False if a weight, or something that the optimiser keeps, has overflowed: the next losses would not be finite. */
export function isFiniteState({ weights, optimizer, averages = {} }: TrainingState): boolean {
  return [weights, averages, ...Object.values(optimizer)]
    .flatMap((tensors) => Object.values(tensors))
    .every(({ data }) => data.every(Number.isFinite));
}
