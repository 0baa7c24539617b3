import type { Recipe } from "./recipe.ts";

/** Training begins. */
export interface StartEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "start";
  /** Everything that decides the result. */
  readonly recipe: Recipe;
  /** The device's description, and how many ranks have one each. */
  readonly device: string;
  /** Of a rank. */
  readonly threads: number;
  /** Versions of what ran, e.g. `{ "nin-net": "0.1.0", node: "26.10.0" }`. */
  readonly versions: Readonly<Record<string, string>>;
  /** The network's kind, e.g. `NinNet`. */
  readonly net: string;
  /** How many numbers are trained. */
  readonly parameters: number;
  /** The data set's name. */
  readonly dataset: string;
  /** True if the program draws the images: label every result with it. */
  readonly synthetic: boolean;
  /** Images an epoch. */
  readonly trainImages: number;
  /** Images of each evaluation. */
  readonly testImages: number;
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
  /** Only where a run that was stopped goes on: whole epochs done, and steps in the epoch after them. */
  readonly resumedAfter?: { readonly epoch: number; readonly step: number };
}

/** One batch was learned from. */
export interface StepEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "step";
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly step: number;
  /** Steps in this epoch. */
  readonly steps: number;
  /** Mean over the epoch's images so far, in training mode (dropout on). */
  readonly lossNats: number;
  /** Share of the epoch's images so far that were right, 0..1, in training mode. */
  readonly accuracy: number;
  /** Mean over this batch alone. */
  readonly batchLossNats: number;
  /** Mean since the start of the run, counting training steps alone; time between stop and resume left out. */
  readonly imagesPerSecond: number;
}

/** Every training image was seen once more, and the test images were classified. */
export interface EpochEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  /** Running mean over the epoch, in training mode. */
  readonly trainLossNats: number;
  /** 0..1, running mean over the epoch, in training mode. */
  readonly trainAccuracy: number;
  /** In evaluation mode, after the epoch. */
  readonly testLossNats: number;
  /** 0..1, in evaluation mode, after the epoch. */
  readonly testAccuracy: number;
  /** Of this epoch, counting training steps alone. */
  readonly imagesPerSecond: number;
  /** The epoch's duration, data and evaluation included. */
  readonly seconds: number;
  /** Of them, what rank 0 spent in exchanges with the others, waiting for them included; left out for one process. */
  readonly exchangeSeconds?: number;
}

/** Something a person should know, one or two sentences; training goes on. */
export interface NoticeEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "notice";
  /** One or two sentences for a person. */
  readonly message: string;
}

/**
 * Class maps of the last block were 0 for every test image; told after every epoch in which there are any.
 */
export interface DeadClassMapsEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "deadClassMaps";
  /** From 1. */
  readonly epoch: number;
  /** Names of the classes whose maps they are. */
  readonly classes: readonly string[];
  /** Class maps, dead and alive. */
  readonly maps: number;
  /**
   * Why, what it costs and what helps; where they are the same as an epoch before, only that they are; while the network
   * still guesses, that nothing has been learned yet.
   */
  readonly message: string;
}

/** A loss was no finite number; there is no `step` or `epoch` event for it. */
export interface DivergenceEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "divergence";
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch: the step whose loss it was, or the epoch's last where it was the test loss. */
  readonly step: number;
  /** The learning rate that led there. */
  readonly lr: number;
  /** `rollback`: training goes on from the end of the epoch before, at half the learning rate. */
  readonly action: "stop" | "rollback";
  /** What happened and what comes of it, for a person. */
  readonly message: string;
}

/** Training has ended; the network holds the trained weights. */
export interface DoneEvent {
  /** Discriminates {@link TrainEvent}. */
  readonly kind: "done";
  /**
   * `stopped`: the signal was aborted; the weights are those after the last full step. `diverged`: a loss was no
   * finite number; the weights are those of the last good checkpoint.
   */
  readonly reason: "finished" | "stopped" | "diverged";
  /** 0..1, of the last evaluated epoch; null if there was none. */
  readonly testAccuracy: number | null;
  /** Running mean over the last epoch, whole or not, in training mode; null if no step was done. */
  readonly trainLossNats: number | null;
  /** 0..1, as `trainLossNats`. */
  readonly trainAccuracy: number | null;
  /** Over the whole run, counting training steps alone; 0 if no step was done. */
  readonly imagesPerSecond: number;
  /** The run's duration; time between stop and resume left out. */
  readonly seconds: number;
  /** The run's folder, if it has one. */
  readonly run: string | null;
}

/** What is told after an epoch. */
export type EpochEndEvent = EpochEvent | DeadClassMapsEvent | NoticeEvent;

/** What training tells the world; terminal, files and pages draw it. */
export type TrainEvent =
  | StartEvent
  | StepEvent
  | EpochEvent
  | DeadClassMapsEvent
  | DivergenceEvent
  | NoticeEvent
  | DoneEvent;
