import type { Device } from "../backends/backend.ts";
import { defaultDevice } from "../nn/default-device.ts";
import type { Layer } from "../nn/layer.ts";
import type { Loss } from "../nn/losses.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Schedule } from "../optim/schedule.ts";
import { type Communicator, soloCommunicator } from "../ranks/communicator.ts";
import type { BatchSource } from "./batch-source.ts";
import { notified, type TrainCallback } from "./callback.ts";
import type { DoneEvent, EpochEvent } from "./events.ts";
import { type LoopSettings, trainingLoop } from "./loop.ts";
import { placeOf } from "./place.ts";

/** The recipe of {@link trainCh}, and how it runs. */
export interface TrainChOptions
  extends Pick<LoopSettings, "labelSmoothing" | "classWeights" | "augmentations" | "clip" | "ema"> {
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Learning rate, before the schedule. */
  readonly lr: number;
  /** Default: plain stochastic gradient descent, as in the tutorial. */
  readonly optimizer?: Optimizer | undefined;
  /** Default: the same learning rate at every step. */
  readonly schedule?: Schedule | undefined;
  /** Default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** Decides what dropout drops and augmentations do; default 0. */
  readonly seed?: number | undefined;
  /** Default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Stops training after the current step. */
  readonly signal?: AbortSignal | undefined;
  /** The ranks that share each batch; the first of them prints. Default: one process */
  readonly communicator?: Communicator | undefined;
  /** Takes the lines that it prints; default `console.log`. */
  readonly log?: ((line: string) => void) | undefined;
  /** Told of every step, epoch, evaluation and checkpoint, as those of `train` are; there is no `start` event. */
  readonly callbacks?: readonly TrainCallback[] | undefined;
}

/** How training went. */
export interface TrainResult {
  /** Running mean over the last epoch, in training mode; null if no step was done. */
  readonly trainLossNats: number | null;
  /** 0..1, as `trainLossNats`. */
  readonly trainAccuracy: number | null;
  /** 0..1, after the last whole epoch; null if there was none. */
  readonly testAccuracy: number | null;
  /** Counting training steps alone. */
  readonly imagesPerSecond: number;
  /** Of the whole run, evaluations included. */
  readonly seconds: number;
  /** The curves over epochs. */
  readonly epochs: readonly EpochEvent[];
}

/**
 * Trains as the tutorial's `train_ch6` does. It prints a line after each epoch, in place of the curves that the
 * tutorial draws, notices of trouble, and at the end the tutorial's two lines:
 *
 *     epoch 10/10, loss 0.336, train acc 0.874, test acc 0.867, 31.4 examples/sec
 *     loss 0.336, train acc 0.874, test acc 0.867
 *     31.4 examples/sec on cpu (...)
 *
 * Unlike the tutorial's, it starts from the weights that the network has.
 *
 * @throws ShapeError if the network cannot take the images or the labels
 */
export async function trainCh(
  net: Layer,
  trainIter: BatchSource,
  testIter: BatchSource,
  {
    device,
    signal,
    communicator = soloCommunicator,
    callbacks = [],
    loss,
    seed = 0,
    ...rest
  }: TrainChOptions,
): Promise<TrainResult> {
  const log = communicator.rank === 0 ? (rest.log ?? console.log) : () => {};
  const where = device ?? (await defaultDevice());
  const curves: EpochEvent[] = [];
  const settings = { ...rest, seed };
  const options = { device: where, loss, signal, callbacks, communicator };
  const events = trainingLoop(net, trainIter, testIter, settings, options);
  let done: DoneEvent | undefined;
  for await (const event of notified(events, callbacks)) {
    switch (event.kind) {
      case "step":
        break;
      case "epoch":
        curves.push(event);
        log(epochLine(event, settings.epochs));
        break;
      case "deadClassMaps":
      case "divergence":
      case "notice":
        log(event.message);
        break;
      case "done":
        for (const line of resultLines(event, placeOf(where, communicator))) log(line);
        done = event;
        break;
      default:
        event satisfies never;
    }
  }
  const { trainLossNats, trainAccuracy, testAccuracy, imagesPerSecond, seconds } = done!;
  return { trainLossNats, trainAccuracy, testAccuracy, imagesPerSecond, seconds, epochs: curves };
}

/** The tutorial's two lines; a dash for what was not measured. */
export function resultLines(done: DoneEvent, device: string): [string, string] {
  return [figures(done), `${speed(done)} on ${device}`];
}

function epochLine(event: EpochEvent, epochs: number): string {
  return `epoch ${event.epoch}/${epochs}, ${figures(event)}, ${speed(event)}`;
}

type Figures = Pick<DoneEvent, "trainLossNats" | "trainAccuracy" | "testAccuracy" | "imagesPerSecond">;

function figures({ trainLossNats, trainAccuracy, testAccuracy }: Figures): string {
  const three = (value: number | null): string => (value === null ? "-" : value.toFixed(3));
  return `loss ${three(trainLossNats)}, train acc ${three(trainAccuracy)}, test acc ${three(testAccuracy)}`;
}

function speed({ imagesPerSecond }: Figures): string {
  return `${imagesPerSecond.toFixed(1)} examples/sec`;
}
