import type { TrainCallback, TrainEvent, TrainingState } from "nin-net";
import type { RunFolder } from "./run-folder.ts";

export interface RunRecorderOptions {
  /** Checkpoints within an epoch are this far apart; default: there are none. */
  readonly checkpointEveryMinutes?: number | undefined;
  /** Whether a divergence may go back to the end of the epoch before. */
  readonly keepsEpochs: boolean;
  /** Events of a run that goes on. */
  readonly before?: readonly TrainEvent[] | undefined;
}

/** Keeps what a run cannot do without in its folder: events and checkpoints. */
export class RunRecorder implements TrainCallback {
  readonly #run: RunFolder;
  readonly #options: RunRecorderOptions;
  /** The folder has the `start` event of a run that goes on: it began only once. */
  readonly #hasStart: boolean;
  #savedAt = performance.now();

  constructor(run: RunFolder, options: RunRecorderOptions) {
    this.#run = run;
    this.#options = options;
    this.#hasStart = (options.before ?? []).some((event) => event.kind === "start");
  }

  /** @throws DataError if the folder cannot be written to */
  async onEvent(event: TrainEvent): Promise<void> {
    if (event.kind === "start" && this.#hasStart) return;
    await this.#run.append(event);
  }

  isCheckpointDue(): boolean {
    const { checkpointEveryMinutes = Number.POSITIVE_INFINITY } = this.#options;
    return performance.now() - this.#savedAt >= checkpointEveryMinutes * 60_000;
  }

  /** @throws DataError if the folder cannot be written to */
  async onCheckpoint(state: TrainingState): Promise<void> {
    const { epoch, step, best } = state.progress;
    // The newest state comes after the best, which it knows of, and before the epoch's, which only a later one uses.
    if (step === 0 && best?.epoch === epoch) await this.#run.saveState(state, "best");
    await this.#run.saveState(state);
    if (step === 0 && this.#options.keepsEpochs) await this.#run.saveState(state, "epoch");
    this.#savedAt = performance.now();
  }
}
