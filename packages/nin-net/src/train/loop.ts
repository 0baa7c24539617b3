import type { Device } from "../backends/backend.ts";
import type { Labels } from "../data/dataset.ts";
import type { Layer } from "../nn/layer.ts";
import type { Loss } from "../nn/losses.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Schedule } from "../optim/schedule.ts";
import { constant } from "../optim/schedules/constant.ts";
import { sgd } from "../optim/sgd.ts";
import type { BatchSource, PixelBatch } from "./batch-source.ts";
import { deadClassMaps } from "./dead-class-maps.ts";
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
  EpochEvent,
  NoticeEvent,
  StepEvent,
} from "./events.ts";
import { inOrder } from "./in-order.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import { type BatchMeasure, Session } from "./session.ts";
import { type TestedImages, testImages } from "./tested-images.ts";
import { isFiniteState, noProgress, type TrainingState } from "./training-state.ts";
import { unpredictedClasses } from "./unpredicted-classes.ts";

/** What decides how a network learns from its batches. */
export interface LoopSettings {
  readonly epochs: number;
  /** Before the schedule. */
  readonly lr: number;
  /** Decides what dropout drops. */
  readonly seed: number;
  /** Default: plain stochastic gradient descent. */
  readonly optimizer?: Optimizer | undefined;
  /** Default: the same learning rate at every step. */
  readonly schedule?: Schedule | undefined;
  /** Images a slice; default: what the device chooses. */
  readonly slice?: number | undefined;
}

/** Keeps states of a run, so that it can go on after whatever ends it. */
export interface Checkpoints {
  /**
   * Whether a state is to be kept after this step, or after those that were sent with it; the states before the first
   * step and after an epoch always are.
   */
  due(): boolean;
  /** Keeps a state; called when every event so far has been taken. Training waits for it. */
  save(state: TrainingState): Promise<void>;
}

/** Where a run goes on. */
export interface ResumeFrom {
  readonly state: TrainingState;
  /** Where a divergence goes back to, if the state is not that of an epoch's end; default: the state. */
  readonly rollbackTo?: TrainingState | undefined;
}

export interface LoopOptions {
  readonly device: Device;
  /** What training makes small; default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** Stops training after the steps under way; the network then holds the weights after the last of them. */
  readonly signal?: AbortSignal | undefined;
  /** Names of the classes, for notices. */
  readonly classes?: readonly string[] | undefined;
  /** Is told, before each `epoch` event, what the network does on the test images: more than the event says. */
  readonly onEvaluated?: ((tested: TestedImages) => void) | undefined;
  /** The run's folder, to be named at the end. */
  readonly run?: string | undefined;
  /** Where states are kept; default: nowhere. */
  readonly checkpoints?: Checkpoints | undefined;
  /** Goes on from a state instead of the network's weights; everything else must be as it was. */
  readonly resume?: ResumeFrom | undefined;
  /** Default `stop`. */
  readonly onDivergence?: DivergencePolicy | undefined;
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
 * Steps are sent ahead of their losses, as many as the device's `runsAhead` says; what comes of it is the same.
 *
 * The network's own parameters are brought up to date before every `epoch` and `done` event, with every state
 * that is kept, and when the caller leaves early: then they are those after the last step that was sent, for which
 * there may have been no event yet, and no step is under way.
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
  const { device, signal, classes, checkpoints, resume, run = null } = options;
  const { optimizer = sgd(), schedule = constant(), slice } = settings;
  using session = await Session.open(net, device, { optimizer, loss: options.loss, slice });
  if (resume !== undefined) await session.restore(resume.state);
  let course = new ProgressTracker(resume?.state.progress ?? noProgress(settings.lr));
  let isPulled = true;
  let hasDiverged = false;
  // Weights that come of a loss that is no number are of no use: the network keeps those it had before.
  let areWeightsFit = true;

  // Kept in memory only for those who may go back to it.
  const goesBack = options.onDivergence === "rollback";
  const isMidEpoch = resume !== undefined && resume.state.progress.step > 0;
  // An epoch's end is kept once more: what ended the run may have come between the newest state and its copies.
  let isSaved = isMidEpoch;
  let rollbackTo = goesBack ? ((isMidEpoch ? resume.rollbackTo : undefined) ?? resume?.state) : undefined;

  const pull = async (): Promise<void> => {
    const isDue = !isPulled && areWeightsFit;
    isPulled = true;
    if (isDue) await session.pull();
  };
  const save = async (): Promise<void> => {
    if (isSaved) return;
    const mayGoBackHere = goesBack && (course.step === 0 || rollbackTo === undefined);
    if (checkpoints !== undefined || mayGoBackHere) {
      const state = { ...(await session.snapshot()), progress: course.progress };
      // Weights that have overflowed show in the next loss; what was kept before them stays.
      if (!isFiniteState(state)) return;
      net.loadStateDict(state.weights);
      isPulled = true;
      if (mayGoBackHere) rollbackTo = state;
      await checkpoints?.save(state);
    }
    isSaved = true;
  };

  /** Goes through the rest of the epoch at hand. */
  async function* restOfEpoch(): AsyncGenerator<LoopEvent, "done" | "stopped" | Divergence, undefined> {
    const { epoch: epochsDone, lr } = course;
    const epoch = epochsDone + 1;
    let sent = course.step;
    let isSaveDue = false;
    const stepsPerEpoch = trainIter.batchCount;
    const lrOf = (step: number): number =>
      lr *
      schedule.factor({
        step: epochsDone * stepsPerEpoch + step,
        steps: settings.epochs * stepsPerEpoch,
        stepsPerEpoch,
      });
    const send = async ([images, labels]: readonly [PixelBatch, Labels]): Promise<BatchMeasure> => {
      const step = sent++;
      const measure = await course.timed(() =>
        session.step(images, labels, {
          lr: lrOf(step),
          seed: settings.seed,
          epoch: epochsDone,
          step,
          stepsBefore: epochsDone * stepsPerEpoch + step,
        }),
      );
      isPulled = false;
      isSaved = false;
      areWeightsFit &&= Number.isFinite(measure.lossNatsSum);
      return measure;
    };
    course.beginEpoch();
    const measures = inOrder(skip(trainIter.batches(epochsDone), sent), send, {
      ahead: device.runsAhead,
      isHeld: () => isSaveDue || signal?.aborted === true,
    });
    for await (const { result: measure, underWay } of measures) {
      const batchLossNats = measure.lossNatsSum / measure.images;
      if (!Number.isFinite(batchLossNats))
        return { epoch, step: course.step + 1, ofTest: false, lr: lrOf(course.step) };
      course.finishStep(measure);
      yield {
        kind: "step",
        epoch,
        step: course.step,
        steps: trainIter.batchCount,
        lossNats: course.mean.lossNats,
        accuracy: course.mean.accuracy,
        batchLossNats,
        imagesPerSecond: course.imagesPerSecond(trainIter.count),
      };
      isSaveDue ||= checkpoints?.due() === true;
      if (isSaveDue && underWay === 0) {
        await save();
        isSaveDue = false;
      }
    }
    if (signal?.aborted === true) return "stopped";
    const tested = await unlessStopped(signal, () => testImages(session, testIter, { signal, classes }));
    if (tested === undefined) return "stopped";
    const { evaluation } = tested;
    const { testLossNats, testAccuracy, silentClasses } = evaluation;
    if (!Number.isFinite(testLossNats)) {
      areWeightsFit = false;
      return { epoch, step: course.step, ofTest: true, lr: lrOf(course.step - 1) };
    }
    await pull();
    options.onEvaluated?.(tested);
    const { mean, epochSeconds, epochImagesPerSecond } = course;
    const dead = deadClassMaps(evaluation, epoch, course.deadClassMaps);
    course.finishEpoch(testAccuracy, silentClasses);
    isSaved = false;
    yield {
      kind: "epoch",
      epoch,
      trainLossNats: mean.lossNats,
      trainAccuracy: mean.accuracy,
      testLossNats,
      testAccuracy,
      imagesPerSecond: epochImagesPerSecond,
      seconds: epochSeconds,
    };
    if (dead !== null) yield dead;
    const message = unpredictedClasses(evaluation, epoch);
    if (message !== null) yield { kind: "notice", message };
    await save();
    return "done";
  }

  let isStopped = false;
  try {
    await save();
    while (course.epoch < settings.epochs && !hasDiverged && !isStopped) {
      const outcome = yield* restOfEpoch();
      if (outcome === "stopped") {
        isStopped = true;
        await save();
      } else if (outcome !== "done" && rollbackTo !== undefined && course.rollbacks < mostRollbacks) {
        const { seconds } = course;
        const to = rollbackTo.progress;
        course = new ProgressTracker({
          ...to,
          lr: course.lr / 2,
          rollbacks: course.rollbacks + 1,
          seconds: { ...to.seconds, run: seconds },
        });
        await session.restore(rollbackTo);
        isPulled = true;
        areWeightsFit = true;
        isSaved = false;
        yield rollbackEvent(outcome, course.progress);
      } else if (outcome !== "done") {
        hasDiverged = true;
        yield stopEvent(outcome, course.rollbacks);
      }
    }
  } catch (error) {
    // Where a device has failed its weights may be out of reach too: that is not what went wrong first.
    await pull().catch(() => undefined);
    throw error;
  } finally {
    await pull();
  }
  const { mean, testAccuracy } = course;
  yield {
    kind: "done",
    reason: hasDiverged ? "diverged" : isStopped ? "stopped" : "finished",
    testAccuracy,
    trainLossNats: mean.images > 0 ? mean.lossNats : null,
    trainAccuracy: mean.images > 0 ? mean.accuracy : null,
    imagesPerSecond: course.imagesPerSecond(trainIter.count),
    seconds: course.seconds,
    run,
  };
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
