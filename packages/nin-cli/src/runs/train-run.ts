import {
  type AnySplit,
  type Communicator,
  caveatsOf,
  DataIterator,
  type Dataset,
  type Device,
  type DivergenceEvent,
  type DivergencePolicy,
  type DoneEvent,
  type Layer,
  modelNamed,
  type Recipe,
  type ResumeFrom,
  resizeText,
  type StartEvent,
  type TrainCallback,
  type TrainEvent,
  train,
} from "nin-net";
import type { CurvesOptions } from "../report/curves.ts";
import { trainingText } from "../terminal/progress/sentences.ts";
import type { ProgressView } from "../terminal/progress/view.ts";
import { CurvesWriter } from "./curves-writer.ts";
import { optionalCallback } from "./optional-callback.ts";
import { ReportWriter } from "./report-writer.ts";
import type { RunFolder } from "./run-folder.ts";
import { RunRecorder } from "./run-recorder.ts";
import { TensorBoardWriter } from "./tensorboard-writer.ts";

/** What a run is trained with, and who is told of it. */
export interface RunTraining {
  /** Undefined on a rank that keeps nothing and shows nothing. */
  readonly run: RunFolder | undefined;
  readonly net: Layer;
  readonly data: Dataset<AnySplit>;
  readonly device: Device;
  readonly recipe: Recipe;
  /** As the recipe says. */
  readonly trainIter: DataIterator;
  readonly view: ProgressView;
  readonly signal: AbortSignal;
  /** Events of a run that goes on, of the steps only the newest. */
  readonly before: readonly TrainEvent[];
  readonly resume: ResumeFrom | undefined;
  readonly onDivergence: DivergencePolicy;
  readonly checkpointEveryMinutes?: number | undefined;
  /** Whether event files for TensorBoard are written too. */
  readonly tensorboard?: boolean | undefined;
  /** Told of every event before the view is. */
  readonly onEvent?: ((event: TrainEvent) => void) | undefined;
  /** The ranks that share each batch; default: one process. */
  readonly communicator?: Communicator | undefined;
}

/** What the end of a run is told from. */
export interface EndedRun {
  readonly start: StartEvent;
  readonly divergence: DivergenceEvent | undefined;
  readonly done: DoneEvent;
}

/**
 * Trains a network and keeps everything in the run's folder: events, checkpoints, curves and the report.
 *
 * @throws DataError if the folder cannot be written to
 */
export async function trainRun(training: RunTraining): Promise<EndedRun> {
  const { run, net, data, device, recipe, trainIter, signal, resume, onDivergence, communicator } = training;
  const { tensorboard = false } = training;
  const warn = (message: string): void => training.view.note(message);
  await using tensorBoard =
    run && tensorboard ? await TensorBoardWriter.open({ run, net, data, device, warn }) : undefined;
  const end = new RunEnd();
  const callbacks = [...(run ? recorders({ ...training, run }, tensorBoard, warn) : []), end];
  const { batchSize, testLimit } = recipe;
  const testIter = new DataIterator(data.test, { batchSize, ...trainIter.preprocessing, limit: testLimit });
  const events = train(net, trainIter, testIter, recipe, {
    device,
    signal,
    classes: data.classes,
    run: run?.path,
    callbacks,
    resume,
    onDivergence,
    communicator,
  });
  for await (const _event of events);
  return end.whole();
}

/** In this order: what a resumed run needs, then what can be made again, then the screen. */
function recorders(
  training: RunTraining & { readonly run: RunFolder },
  tensorBoard: TensorBoardWriter | undefined,
  warn: (message: string) => void,
): readonly TrainCallback[] {
  const { run, net, data, device, recipe, view, before, onDivergence, checkpointEveryMinutes, onEvent } =
    training;
  return [
    new RunRecorder(run, { before, checkpointEveryMinutes, keepsEpochs: onDivergence === "rollback" }),
    optionalCallback(
      new CurvesWriter(run, curvesTitle(data, recipe), before),
      "There will be no curves",
      warn,
    ),
    optionalCallback(new ReportWriter({ run, net, data, device }), "There will be no report", warn),
    ...(tensorBoard ? [optionalCallback(tensorBoard, "There will be no more for TensorBoard", warn)] : []),
    ...(onEvent ? [{ onEvent }] : []),
    { onEvent: (event) => view.show(event) },
  ];
}

/** Remembers what the end of a run is told from. */
class RunEnd implements TrainCallback {
  #start: StartEvent | undefined;
  #divergence: DivergenceEvent | undefined;
  #done: DoneEvent | undefined;

  onEvent(event: TrainEvent): void {
    if (event.kind === "start") this.#start = event;
    if (event.kind === "divergence") this.#divergence = event;
    if (event.kind === "done") this.#done = event;
  }

  /** After the last event. */
  whole(): EndedRun {
    return { start: this.#start!, divergence: this.#divergence, done: this.#done! };
  }
}

function curvesTitle(data: Dataset<AnySplit>, recipe: Recipe): CurvesOptions {
  const { net, batchSize, resize, seed } = recipe;
  return {
    title: `${modelNamed(net).title} on ${data.title}`,
    subtitle: [
      ...caveatsOf(recipe),
      `${resizeText(resize)}, batch ${batchSize}, ${trainingText(recipe)}, seed ${seed}`,
    ],
  };
}
