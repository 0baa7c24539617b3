import type { AnySplit, Dataset, Device, Layer, ScoredEvaluation, TrainCallback, TrainEvent } from "nin-net";
import { collectTestResults, type TestResults } from "../report/test-results.ts";
import { writeReport } from "../report/write-report.ts";
import type { RunFolder } from "./run-folder.ts";

export interface ReportWriterOptions {
  readonly run: RunFolder;
  /** The one that is trained; training brings it up to date before each evaluation. */
  readonly net: Layer;
  readonly data: Dataset<AnySplit>;
  readonly device: Device;
}

/** Writes a run's `report.html` again: after every epoch, with the weights of that moment, and at the end. */
export class ReportWriter implements TrainCallback {
  readonly #options: ReportWriterOptions;
  #results: TestResults | undefined;

  constructor(options: ReportWriterOptions) {
    this.#options = options;
  }

  /** @throws NinError if the network cannot take the images */
  async onEvaluation(scores: ScoredEvaluation): Promise<void> {
    const { run, net, data, device } = this.#options;
    const { preprocessing } = run;
    this.#results = await collectTestResults(net, data.test, scores, { device, preprocessing });
  }

  /** @throws DataError if the folder cannot be written to */
  async onEvent(event: TrainEvent): Promise<void> {
    if (event.kind !== "epoch" && event.kind !== "done") return;
    const { run, data } = this.#options;
    // A run that was resumed and stopped before an epoch's end keeps the report that it has.
    if (this.#results === undefined && (await run.history()).some(({ kind }) => kind === "epoch")) return;
    await writeReport(run, data, this.#results);
  }
}
