import type { Device } from "../backends/backend.ts";
import type { Layer } from "../nn/layer.ts";
import type { BatchSource } from "./batch-source.ts";
import type { DoneEvent, EpochEvent, NoticeEvent, StepEvent } from "./events.ts";
import { RunningMean } from "./running-mean.ts";
import { Session } from "./session.ts";
import { Stopwatch } from "./stopwatch.ts";
import { type TestedImages, testImages } from "./tested-images.ts";
import { divergence, trouble } from "./trouble.ts";

/** What decides how a network learns from its batches. */
export interface LoopSettings {
  readonly epochs: number;
  readonly lr: number;
  /** 0: plain gradient descent. */
  readonly momentum: number;
  /** Decides what dropout drops. */
  readonly seed: number;
}

export interface LoopOptions {
  readonly device: Device;
  /** Stops training after the step at hand; the network then holds the weights of that step. */
  readonly signal?: AbortSignal | undefined;
  /** Names of the classes, for notices. */
  readonly classes?: readonly string[] | undefined;
  /** Is told, before each `epoch` event, what the network does on the test images: more than the event says. */
  readonly onEvaluated?: ((tested: TestedImages) => void) | undefined;
  /** The run's folder, to be named at the end. */
  readonly run?: string | undefined;
}

/** What the loop yields. */
export type LoopEvent = StepEvent | EpochEvent | NoticeEvent | DoneEvent;

/**
 * Trains a network by stochastic gradient descent on the mean cross-entropy; evaluates it after every epoch.
 *
 * The network's own parameters are brought up to date before every `epoch` and `done` event, and when the
 * caller leaves early.
 *
 * @throws ShapeError if the network cannot take the images or the labels
 */
export async function* trainingLoop(
  net: Layer,
  trainIter: BatchSource,
  testIter: BatchSource,
  settings: LoopSettings,
  { device, signal, classes, onEvaluated, run }: LoopOptions,
): AsyncGenerator<LoopEvent, void, undefined> {
  const total = new Stopwatch();
  total.start();
  const training = new Stopwatch();
  let trained = 0;
  // Of the last epoch in which a step was done.
  let mean = new RunningMean();
  let epochsDone = 0;
  let hasDiverged = false;
  let testAccuracy: number | null = null;
  let isPulled = true;
  const isStopped = (): boolean => signal?.aborted === true;

  using session = await Session.open(net, device, { momentum: settings.momentum > 0 });
  const pull = async (): Promise<void> => {
    if (!isPulled) await session.pull();
    isPulled = true;
  };
  try {
    for (let epoch = 0; epoch < settings.epochs && !isStopped(); epoch++) {
      const duration = new Stopwatch();
      duration.start();
      const before = { seconds: training.seconds, trained };
      const epochMean = new RunningMean();
      let step = 0;
      for (const [images, labels] of trainIter.batches(epoch)) {
        if (isStopped()) break;
        training.start();
        const measure = await session.step(images, labels, { ...settings, epoch, step });
        training.stop();
        isPulled = false;
        const batchLossNats = measure.lossNatsSum / measure.images;
        step++;
        trained += measure.images;
        epochMean.add(measure);
        mean = epochMean;
        yield {
          kind: "step",
          epoch: epoch + 1,
          step,
          steps: trainIter.batchCount,
          lossNats: mean.lossNats,
          accuracy: mean.accuracy,
          batchLossNats,
          imagesPerSecond: rate(trained, training.seconds),
        };
        if (!Number.isFinite(batchLossNats) && !hasDiverged) {
          hasDiverged = true;
          yield { kind: "notice", message: divergence(epoch + 1, step) };
        }
      }
      if (isStopped()) break;
      await pull();
      const tested = await unlessStopped(signal, () => testImages(session, testIter, { signal, classes }));
      if (tested === undefined) break;
      onEvaluated?.(tested);
      const { evaluation } = tested;
      testAccuracy = evaluation.testAccuracy;
      epochsDone++;
      yield {
        kind: "epoch",
        epoch: epoch + 1,
        trainLossNats: mean.lossNats,
        trainAccuracy: mean.accuracy,
        testLossNats: evaluation.testLossNats,
        testAccuracy,
        imagesPerSecond: rate(trained - before.trained, training.seconds - before.seconds),
        seconds: duration.seconds,
      };
      const message = trouble(evaluation, epoch + 1);
      if (message !== null) yield { kind: "notice", message };
    }
  } finally {
    await pull();
  }
  yield {
    kind: "done",
    reason: epochsDone === settings.epochs ? "finished" : "stopped",
    testAccuracy,
    trainLossNats: mean.images > 0 ? mean.lossNats : null,
    trainAccuracy: mean.images > 0 ? mean.accuracy : null,
    imagesPerSecond: rate(trained, training.seconds),
    seconds: total.seconds,
    run: run ?? null,
  };
}

/** The result, or undefined if the signal stopped the work. */
async function unlessStopped<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) return undefined;
    throw error;
  }
}

function rate(images: number, seconds: number): number {
  return seconds > 0 ? images / seconds : 0;
}
