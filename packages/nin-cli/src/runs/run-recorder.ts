import type { Checkpoints, EpochEvent, TrainEvent, TrainingState } from "nin-net";
import { type CurvesOptions, curvesSvg } from "../report/curves.ts";
import { metricsCsv } from "../report/metrics-csv.ts";
import type { RunFolder } from "./run-folder.ts";

export interface RunRecorderOptions {
  readonly curves: CurvesOptions;
  /** Checkpoints within an epoch are this far apart; default: there are none. */
  readonly checkpointEveryMinutes?: number | undefined;
  /** Whether a divergence may go back to the end of the epoch before. */
  readonly keepsEpochs: boolean;
  /** Events of a run that goes on. */
  readonly before?: readonly TrainEvent[] | undefined;
}

/** Keeps a run in its folder as it goes on: events, checkpoints, curves. */
export class RunRecorder implements Checkpoints {
  readonly #run: RunFolder;
  readonly #options: RunRecorderOptions;
  readonly #epochs: EpochEvent[];
  /** The folder has the `start` event of a run that goes on: it began but once. */
  #hasStart: boolean;
  #savedAt = performance.now();

  constructor(run: RunFolder, options: RunRecorderOptions) {
    this.#run = run;
    this.#options = options;
    const before = options.before ?? [];
    this.#epochs = before.filter((event) => event.kind === "epoch");
    this.#hasStart = before.some((event) => event.kind === "start");
  }

  /** @throws DataError if the folder cannot be written to */
  async keep(event: TrainEvent): Promise<void> {
    if (event.kind === "start" && this.#hasStart) return;
    await this.#run.append(event);
    switch (event.kind) {
      case "start":
      case "step":
      case "notice":
      case "deadClassMaps":
      case "divergence":
        return;
      case "epoch":
        this.#epochs.push(event);
        return this.#draw();
      case "done":
        // What ended the run before may have come between an epoch's event and its curves.
        return this.#draw();
      default:
        return event satisfies never;
    }
  }

  due(): boolean {
    const { checkpointEveryMinutes = Number.POSITIVE_INFINITY } = this.#options;
    return performance.now() - this.#savedAt >= checkpointEveryMinutes * 60_000;
  }

  async save(state: TrainingState): Promise<void> {
    const { epoch, step, best } = state.progress;
    // The newest state comes after the best, which it knows of, and before the epoch's, which only a later one uses.
    if (step === 0 && best?.epoch === epoch) await this.#run.saveState(state, "best");
    await this.#run.saveState(state);
    if (step === 0 && this.#options.keepsEpochs) await this.#run.saveState(state, "epoch");
    this.#savedAt = performance.now();
  }

  async #draw(): Promise<void> {
    if (this.#epochs.length === 0) return;
    await this.#run.writeFile("metrics.csv", metricsCsv(this.#epochs));
    await this.#run.writeFile("curves.svg", await curvesSvg(this.#epochs, this.#options.curves));
  }
}
