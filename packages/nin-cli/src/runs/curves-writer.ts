import type { EpochEvent, TrainCallback, TrainEvent } from "nin-net";
import { type CurvesOptions, curvesSvg } from "../report/curves.ts";
import { metricsCsv } from "../report/metrics-csv.ts";
import type { RunFolder } from "./run-folder.ts";

/** Draws a run's `curves.svg` and writes its `metrics.csv` again after every epoch. */
export class CurvesWriter implements TrainCallback {
  readonly #run: RunFolder;
  readonly #options: CurvesOptions;
  readonly #epochs: EpochEvent[];

  /** @param before - events of a run that goes on */
  constructor(run: RunFolder, options: CurvesOptions, before: readonly TrainEvent[] = []) {
    this.#run = run;
    this.#options = options;
    this.#epochs = before.filter((event) => event.kind === "epoch");
  }

  /** @throws DataError if the folder cannot be written to */
  async onEvent(event: TrainEvent): Promise<void> {
    if (event.kind === "epoch") this.#epochs.push(event);
    // At the end too: the run may have ended before between an epoch's event and its curves.
    if ((event.kind !== "epoch" && event.kind !== "done") || this.#epochs.length === 0) return;
    await this.#run.writeFile("metrics.csv", metricsCsv(this.#epochs));
    await this.#run.writeFile(
      "curves.svg",
      await curvesSvg(this.#epochs, {
        ...this.#options,
        stepLosses: (await this.#run.eventHistory()).stepLosses(),
      }),
    );
  }
}
