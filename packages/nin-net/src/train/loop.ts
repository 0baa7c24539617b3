import type { Device } from "../backends/backend.ts";
import { NinError } from "../core/errors.ts";
import type { Labels } from "../data/dataset.ts";
import type { Layer } from "../nn/layer.ts";
import { type Loss, smoothedCrossEntropy, weightedCrossEntropy } from "../nn/losses.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { plainSgd } from "../optim/plain-sgd.ts";
import { type Schedule, sameRate } from "../optim/schedule.ts";
import { type Communicator, gather, soloCommunicator } from "../ranks/communicator.ts";
import { SharedStop } from "../ranks/shared-stop.ts";
import type { BatchSource, PixelBatch } from "./batch-source.ts";
import type { TrainCallback } from "./callback.ts";
import { areMapsDead, deadClassMaps } from "./dead-class-maps.ts";
import {
  type Divergence,
  type DivergencePolicy,
  mostRollbacks,
  rollbackEvent,
  stopEvent,
} from "./divergence.ts";
import type {
  DeadClassMapsEvent,
  DivergenceEvent,
  DoneEvent,
  EpochEndEvent,
  EpochEvent,
  NoticeEvent,
  StepEvent,
} from "./events.ts";
import { inOrder } from "./in-order.ts";
import { learningCheckStep, nothingLearned } from "./learning-check.ts";
import { classWeightsNode, type TrainingGraphOptions } from "./programs.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import { evaluateWithScores, type ScoredEvaluation } from "./scored-evaluation.ts";
import { type BatchMeasure, Session } from "./session.ts";
import { tensorsDigest } from "./tensors-digest.ts";
import { isFiniteState, noProgress, resultWeights, type TrainingState } from "./training-state.ts";
import { unpredictedClasses } from "./unpredicted-classes.ts";

/** What decides how a network learns from its batches. */
export interface LoopSettings extends Pick<TrainingGraphOptions, "augmentations" | "clip" | "ema"> {
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Before the schedule. */
  readonly lr: number;
  /** Decides what dropout drops. */
  readonly seed: number;
  /** Default: plain stochastic gradient descent. */
  readonly optimizer?: Optimizer | undefined;
  /** Default: the same learning rate at every step. */
  readonly schedule?: Schedule | undefined;
  /** Share of each label that is spread over all classes in training; default 0. Not beside a custom loss. */
  readonly labelSmoothing?: number | undefined;
  /**
   * One for each class: how much its images count in the training loss, whose mean over a batch is taken by the
   * weights, as in PyTorch's `CrossEntropyLoss`; default: all alike. Not beside a custom loss.
   */
  readonly classWeights?: readonly number[] | undefined;
  /** Images a slice; default: `sliceSizeFor`. */
  readonly slice?: number | undefined;
}

/** Where a run goes on. */
export interface ResumeFrom {
  /** Weights, what the optimiser keeps, and progress. */
  readonly state: TrainingState;
  /** Where a divergence goes back to, if the state is not that of an epoch's end; default: the state. */
  readonly rollbackTo?: TrainingState | undefined;
}

/** How {@link train} runs. */
export interface LoopOptions {
  /** Where it computes. */
  readonly device: Device;
  /** What training makes small; default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** Stops training after the steps under way; the network then holds the weights after the last of them. */
  readonly signal?: AbortSignal | undefined;
  /** Names of the classes, for notices. */
  readonly classes?: readonly string[] | undefined;
  /** The run's folder, to be named at the end. */
  readonly run?: string | undefined;
  /** Told of checkpoints and evaluations, in this order; `train` tells them of every event as well. */
  readonly callbacks?: readonly TrainCallback[] | undefined;
  /** Goes on from a state instead of the network's weights; everything else must be as it was. */
  readonly resume?: ResumeFrom | undefined;
  /** Default `stop`. */
  readonly onDivergence?: DivergencePolicy | undefined;
  /**
   * The ranks that share each batch: all of them train with the same arguments, but for callbacks and signals, and end
   * with the same network. A signal on one of them stops all, after the same step. Default: one process
   */
  readonly communicator?: Communicator | undefined;
}

/** What the loop yields. */
export type LoopEvent =
  | StepEvent
  | EpochEvent
  | DeadClassMapsEvent
  | DivergenceEvent
  | NoticeEvent
  | DoneEvent;

/**
 * Trains a network on the mean loss; evaluates it after every epoch.
 *
 * Steps are sent ahead of their losses, as many as the device's `runsAhead` says; the results are the same.
 *
 * With `ema` set, what is evaluated and what the network ends with are the moving averages of its weights and buffers.
 *
 * The network's own parameters are brought up to date before every `epoch` and `done` event, with every checkpoint,
 * and when the caller leaves early: then they are those after the last step that was sent, for which there may have
 * been no event yet, and no step is in flight.
 *
 * An epoch is kept before it is told: its checkpoint holds the events that follow it, and a run that is resumed from
 * there begins with them.
 *
 * @throws ShapeError if the network cannot take the images or the labels; NinError if a state is of another network
 */
export async function* trainingLoop(
  net: Layer,
  trainIter: BatchSource,
  testIter: BatchSource,
  settings: LoopSettings,
  options: LoopOptions,
): AsyncGenerator<LoopEvent, void, undefined> {
  const { device, resume, communicator = soloCommunicator } = options;
  const stop = new SharedStop(communicator, options.signal);
  const { optimizer = plainSgd, slice, augmentations, clip, ema, classWeights } = settings;
  const { loss } = options;
  const trainingLoss = trainingLossOf(settings, loss);
  using session = await Session.open(net, device, {
    optimizer,
    loss,
    trainingLoss,
    augmentations,
    clip,
    ema,
    classWeights,
    slice,
    communicator,
    afterBatch: () => stop.agree(),
  });
  if (resume !== undefined) await session.restore(resume.state);
  const training = new Training(
    net,
    trainIter,
    testIter,
    settings,
    { ...options, signal: stop.signal },
    session,
  );
  try {
    yield* training.epochs();
  } catch (error) {
    // Where a device has failed its weights may be out of reach too: that is not what went wrong first.
    await training.pull().catch(() => undefined);
    throw error;
  } finally {
    await training.pull();
  }
  yield training.doneEvent();
}

/** @throws NinError if labels are to be smoothed, or classes weighted, for a loss that is not cross-entropy */
export function trainingLossOf(
  { labelSmoothing = 0, classWeights }: Pick<LoopSettings, "labelSmoothing" | "classWeights">,
  loss: Loss | undefined,
): Loss | undefined {
  if (labelSmoothing === 0 && classWeights === undefined) return loss;
  if (loss !== undefined) {
    const got = labelSmoothing === 0 ? "classWeights" : `labelSmoothing ${labelSmoothing}`;
    const fix = labelSmoothing === 0 ? "Weigh the classes" : "Smooth the labels";
    throw new NinError(`train: got ${got} beside a custom loss, expected one of them. ${fix} in the loss.`);
  }
  if (classWeights === undefined) return smoothedCrossEntropy(labelSmoothing);
  const sum = classWeights.reduce((total, weight) => total + weight, 0);
  return (logits, labels) => {
    const weights = classWeightsNode(logits.type.shape[1]!);
    return weightedCrossEntropy({ weights, sum, smoothing: labelSmoothing })(logits, labels);
  };
}

/** How an epoch ended: whole, stopped by the signal, or where a loss was not finite. */
type Outcome = "done" | "stopped" | Divergence;

/** A run of the training loop. */
class Training {
  readonly #net: Layer;
  readonly #trainIter: BatchSource;
  readonly #testIter: BatchSource;
  readonly #settings: LoopSettings;
  readonly #options: LoopOptions;
  readonly #callbacks: readonly TrainCallback[];
  readonly #session: Session;
  readonly #schedule: Schedule;
  #tracker: ProgressTracker;
  /** The network's own parameters are those of the session. */
  #isPulled = true;
  /** No loss since these weights were read was non-finite; after one that was, the last good weights are kept. */
  #areWeightsFinite = true;
  #isSaved: boolean;
  /** Where a divergence goes back to, if it does; kept in memory only then. */
  #rollbackTo: TrainingState | undefined;
  #reason: DoneEvent["reason"] = "finished";
  /** What the communicator had spent when the epoch began. */
  #exchangedBefore: number;

  constructor(
    net: Layer,
    trainIter: BatchSource,
    testIter: BatchSource,
    settings: LoopSettings,
    options: LoopOptions,
    session: Session,
  ) {
    this.#net = net;
    this.#trainIter = trainIter;
    this.#testIter = testIter;
    this.#settings = settings;
    this.#options = options;
    this.#callbacks = options.callbacks ?? [];
    this.#session = session;
    this.#schedule = settings.schedule ?? sameRate;
    this.#exchangedBefore = options.communicator?.seconds ?? 0;
    const { resume } = options;
    this.#tracker = new ProgressTracker(resume?.state.progress ?? noProgress(settings.lr));
    const isMidEpoch = resume !== undefined && resume.state.progress.step > 0;
    // An epoch's end is kept again: the run may have ended between the newest checkpoint and its copies.
    this.#isSaved = isMidEpoch;
    if (this.#goesBack) {
      this.#rollbackTo = (isMidEpoch ? resume.rollbackTo : undefined) ?? resume?.state;
    }
  }

  get #goesBack(): boolean {
    return this.#options.onDivergence === "rollback";
  }

  /** Goes through the epochs that are left. */
  async *epochs(): AsyncGenerator<LoopEvent, void, undefined> {
    const pending = this.#options.resume?.state.pendingEvents ?? [];
    await this.#save(pending);
    yield* pending;
    while (this.#tracker.epoch < this.#settings.epochs && this.#reason === "finished") {
      const outcome = yield* this.#epoch();
      if (outcome === "stopped") {
        this.#reason = "stopped";
        await this.#save();
      } else if (outcome !== "done") yield await this.#answer(outcome);
    }
    // The last epoch has been told by now.
    if (this.#reason === "finished") await this.#save();
  }

  /** Goes through the rest of the current epoch. */
  async *#epoch(): AsyncGenerator<LoopEvent, Outcome, undefined> {
    const divergence = yield* this.#steps();
    if (divergence !== undefined) return divergence;
    const { signal, classes } = this.#options;
    if (signal?.aborted === true) return "stopped";
    const evaluated = await unlessStopped(signal, () =>
      evaluateWithScores(this.#session, this.#testIter, { signal, classes }),
    );
    if (evaluated === undefined) return "stopped";
    if (!Number.isFinite(evaluated.evaluation.testLossNats)) {
      this.#areWeightsFinite = false;
      const { epoch, step, lr } = this.#tracker;
      return { epoch: epoch + 1, step, ofTest: true, lr: lr * this.#factor(step - 1) };
    }
    await this.#checkRanks();
    await this.pull();
    const events = this.#finishEpoch(evaluated);
    await this.#save(events);
    for (const callback of this.#callbacks) await callback.onEvaluation?.(evaluated);
    yield* events;
    // A checkpoint from here on need not tell them again.
    this.#isSaved = false;
    return "done";
  }

  /** @throws NinError if the ranks no longer have the same weights */
  async #checkRanks(): Promise<void> {
    const { communicator = soloCommunicator } = this.#options;
    if (communicator.size === 1) return;
    const { weights } = await this.#session.snapshot();
    const digests = await gather(communicator, await tensorsDigest(weights));
    const other = digests.findIndex((digest) => digest !== digests[0]);
    if (other === -1) return;
    throw new NinError(
      `Rank ${other} on ${communicator.hosts[other]} has come to other weights than rank 0 in epoch ` +
        `${this.#tracker.epoch + 1}. Start ranks with the same network on processors of one kind, whose arithmetic is the same.`,
    );
  }

  /** The steps of the current epoch that are left. @returns where a loss was not finite, if one was */
  async *#steps(): AsyncGenerator<LoopEvent, Divergence | undefined, undefined> {
    const tracker = this.#tracker;
    const { epoch: epochsDone, lr } = tracker;
    let isSaveDue = false;
    tracker.beginEpoch();
    const batches = skip(this.#trainIter.batches(epochsDone), tracker.step);
    let sent = tracker.step;
    const measures = inOrder(batches, (batch) => this.#send(batch, sent++), {
      ahead: this.#options.device.runsAhead,
      isHeld: () => isSaveDue || this.#options.signal?.aborted === true,
    });
    for await (const { result: measure, underWay } of measures) {
      const batchLossNats = measure.lossNatsSum / measure.images;
      if (!Number.isFinite(batchLossNats)) {
        const { step } = tracker;
        return { epoch: epochsDone + 1, step: step + 1, ofTest: false, lr: lr * this.#factor(step) };
      }
      tracker.finishStep(measure);
      yield {
        kind: "step",
        epoch: epochsDone + 1,
        step: tracker.step,
        steps: this.#trainIter.batchCount,
        lossNats: tracker.mean.lossNats,
        accuracy: tracker.mean.accuracy,
        batchLossNats,
        imagesPerSecond: tracker.imagesPerSecond(this.#trainIter.count),
      };
      const message = this.#learningNotice();
      if (message !== null) yield { kind: "notice", message };
      isSaveDue ||= this.#callbacks.some((callback) => callback.isCheckpointDue?.() === true);
      if (isSaveDue && underWay === 0) {
        await this.#save();
        isSaveDue = false;
      }
    }
    return undefined;
  }

  /** What to say of a network that still guesses some hundred steps into the run; null at every other step. */
  #learningNotice(): string | null {
    const { epoch, step, mean } = this.#tracker;
    const { classes } = this.#session;
    if (epoch > 0 || step !== learningCheckStep || classes === undefined) return null;
    // A loss of the caller's own has no known value for guessing.
    return this.#options.loss === undefined ? nothingLearned(mean.lossNats, classes, step) : null;
  }

  /** @param step - from 0, within the epoch */
  async #send([images, labels]: readonly [PixelBatch, Labels], step: number): Promise<BatchMeasure> {
    const { epoch, lr } = this.#tracker;
    const measure = await this.#tracker.timed(() =>
      this.#session.step(images, labels, {
        lr: lr * this.#factor(step),
        seed: this.#settings.seed,
        epoch,
        step,
        stepsBefore: epoch * this.#trainIter.batchCount + step,
      }),
    );
    this.#isPulled = false;
    this.#isSaved = false;
    this.#areWeightsFinite &&= Number.isFinite(measure.lossNatsSum);
    return measure;
  }

  /** What the schedule multiplies the learning rate by. @param step - from 0, within the epoch */
  #factor(step: number): number {
    const stepsPerEpoch = this.#trainIter.batchCount;
    return this.#schedule.factor({
      step: this.#tracker.epoch * stepsPerEpoch + step,
      steps: this.#settings.epochs * stepsPerEpoch,
      stepsPerEpoch,
    });
  }

  /** @returns what there is to tell of the epoch that has ended */
  #finishEpoch({ evaluation }: ScoredEvaluation): EpochEndEvent[] {
    const tracker = this.#tracker;
    const { communicator = soloCommunicator } = this.#options;
    const epoch = tracker.epoch + 1;
    const { testLossNats, testAccuracy, silentClasses } = evaluation;
    const ended: EpochEvent = {
      kind: "epoch",
      epoch,
      trainLossNats: tracker.mean.lossNats,
      trainAccuracy: tracker.mean.accuracy,
      testLossNats,
      testAccuracy,
      imagesPerSecond: tracker.epochImagesPerSecond,
      seconds: tracker.epochSeconds,
      ...(communicator.size > 1 && { exchangeSeconds: communicator.seconds - this.#exchangedBefore }),
    };
    this.#exchangedBefore = communicator.seconds;
    const isCrossEntropy = this.#options.loss === undefined;
    const dead = deadClassMaps(evaluation, epoch, tracker.deadClassMaps, isCrossEntropy);
    const message = unpredictedClasses(evaluation, epoch, isCrossEntropy);
    tracker.finishEpoch(testAccuracy, areMapsDead(evaluation, isCrossEntropy) ? silentClasses : []);
    this.#isSaved = false;
    return [
      ended,
      ...(dead !== null ? [dead] : []),
      ...(message !== null ? [{ kind: "notice", message } as const] : []),
    ];
  }

  /** Goes back to the end of the epoch before, or ends the run. */
  async #answer(divergence: Divergence): Promise<DivergenceEvent> {
    const { lr, rollbacks, seconds } = this.#tracker;
    const to = this.#rollbackTo;
    if (to === undefined || rollbacks >= mostRollbacks) {
      this.#reason = "diverged";
      return stopEvent(divergence, rollbacks);
    }
    this.#tracker = new ProgressTracker({
      ...to.progress,
      lr: lr / 2,
      rollbacks: rollbacks + 1,
      seconds: { ...to.progress.seconds, run: seconds },
    });
    await this.#session.restore(to);
    this.#isPulled = true;
    this.#areWeightsFinite = true;
    this.#isSaved = false;
    return rollbackEvent(divergence, this.#tracker.progress);
  }

  /** Brings the network's own parameters up to date, unless a loss has shown them to be useless. */
  async pull(): Promise<void> {
    const isDue = !this.#isPulled && this.#areWeightsFinite;
    this.#isPulled = true;
    if (isDue) await this.#session.pull();
  }

  /** Keeps the current state, unless that has been done. @param pendingEvents - are told after it */
  async #save(pendingEvents: readonly EpochEndEvent[] = []): Promise<void> {
    if (this.#isSaved) return;
    const recorders = this.#callbacks.filter((callback) => callback.onCheckpoint !== undefined);
    const mayGoBackHere = this.#goesBack && (this.#tracker.step === 0 || this.#rollbackTo === undefined);
    if (recorders.length > 0 || mayGoBackHere) {
      const state: TrainingState = {
        ...(await this.#session.snapshot()),
        progress: this.#tracker.progress,
        ...(pendingEvents.length > 0 && { pendingEvents }),
      };
      // Weights that have overflowed show in the next loss; keep what there was before them.
      if (!isFiniteState(state)) return;
      this.#net.loadStateDict(resultWeights(state));
      this.#isPulled = true;
      if (mayGoBackHere) this.#rollbackTo = state;
      for (const callback of recorders) await callback.onCheckpoint!(state);
    }
    this.#isSaved = true;
  }

  doneEvent(): DoneEvent {
    const { mean, testAccuracy, seconds } = this.#tracker;
    const hasSteps = mean.images > 0;
    return {
      kind: "done",
      reason: this.#reason,
      testAccuracy,
      trainLossNats: hasSteps ? mean.lossNats : null,
      trainAccuracy: hasSteps ? mean.accuracy : null,
      imagesPerSecond: this.#tracker.imagesPerSecond(this.#trainIter.count),
      seconds,
      run: this.#options.run ?? null,
    };
  }
}

/** All but the first `count`. */
function* skip<T>(values: Iterable<T>, count: number): Generator<T, void, undefined> {
  let index = 0;
  for (const value of values) {
    if (index++ >= count) yield value;
  }
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
