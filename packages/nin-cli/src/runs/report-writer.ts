import {
  DataError,
  type Dataset,
  type Device,
  NinError,
  preprocessedShape,
  type Sequential,
  type TestedImages,
  type TrainEvent,
} from "nin-net";
import { showTested, type Tested } from "../report/tested.ts";
import { writeReport } from "../report/write-report.ts";
import type { RunFolder } from "./run-folder.ts";

export interface ReportWriterOptions {
  readonly run: RunFolder;
  /** The one that is trained; training brings it up to date before `epoch`. */
  readonly net: Sequential;
  readonly data: Dataset;
  readonly device: Device;
  /** Is told why there is no report. */
  readonly warn: (message: string) => void;
}

/** Keeps a run's `report.html` up to date: after every epoch, with the weights of that moment, and at the end. */
export class ReportWriter {
  readonly #options: ReportWriterOptions;
  #scores: TestedImages | undefined;
  #tested: Tested | undefined;
  #isGivenUp = false;

  constructor(options: ReportWriterOptions) {
    this.#options = options;
  }

  /** To be told of the test images before the `epoch` event. */
  readonly onEvaluated = (scores: TestedImages): void => {
    this.#scores = scores;
  };

  /**
   * To be told of an event once the run's folder has it.
   *
   * @throws DataError if the folder cannot be written to
   */
  async keep(event: TrainEvent): Promise<void> {
    if (this.#isGivenUp || (event.kind !== "epoch" && event.kind !== "done")) return;
    const { run, net, data, device, warn } = this.#options;
    const [, resize] = preprocessedShape(run.image, run.preprocessing);
    try {
      if (event.kind === "epoch" && this.#scores !== undefined) {
        this.#tested = await showTested(net, data.test, this.#scores, { device, resize });
      }
      // A run that was taken up again and stopped before an epoch's end keeps the report that it has.
      if (this.#tested === undefined && (await run.events()).some(({ kind }) => kind === "epoch")) return;
      await writeReport(run, data, this.#tested);
    } catch (error) {
      // What a picture library cannot do is no reason to give up training.
      if (!(error instanceof NinError) || error instanceof DataError) throw error;
      this.#isGivenUp = true;
      warn(`There will be no report: ${error.message}`);
    }
  }
}
