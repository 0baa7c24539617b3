import {
  type Dataset,
  type Device,
  preprocessedShape,
  type Sequential,
  type TestedImages,
  type TrainCallback,
  type TrainEvent,
} from "nin-net";
import { showTested, type Tested } from "../report/tested.ts";
import { writeReport } from "../report/write-report.ts";
import type { RunFolder } from "./run-folder.ts";

export interface ReportWriterOptions {
  readonly run: RunFolder;
  /** The one that is trained; training brings it up to date before each evaluation. */
  readonly net: Sequential;
  readonly data: Dataset;
  readonly device: Device;
}

/** Writes a run's `report.html` again: after every epoch, with the weights of that moment, and at the end. */
export class ReportWriter implements TrainCallback {
  readonly #options: ReportWriterOptions;
  #tested: Tested | undefined;

  constructor(options: ReportWriterOptions) {
    this.#options = options;
  }

  /** @throws NinError if the network's class maps cannot be shown */
  async onEvaluation(scores: TestedImages): Promise<void> {
    const { run, net, data, device } = this.#options;
    const [, resize] = preprocessedShape(run.image, run.preprocessing);
    this.#tested = await showTested(net, data.test, scores, { device, resize });
  }

  /** @throws DataError if the folder cannot be written to */
  async onEvent(event: TrainEvent): Promise<void> {
    if (event.kind !== "epoch" && event.kind !== "done") return;
    const { run, data } = this.#options;
    // A run that was resumed and stopped before an epoch's end keeps the report that it has.
    if (this.#tested === undefined && (await run.history()).some(({ kind }) => kind === "epoch")) return;
    await writeReport(run, data, this.#tested);
  }
}
