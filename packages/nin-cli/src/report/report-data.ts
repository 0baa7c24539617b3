import { type EpochEvent, isSynthetic, type StartEvent, type TrainEvent } from "nin-net";
import type { RunConfig } from "../runs/run-folder.ts";
import type { Tested } from "./tested.ts";

/** Everything that a report is made of. */
export interface ReportData {
  /** The name of the run's folder. */
  readonly run: string;
  readonly config: RunConfig;
  /** Of the data set, for people. */
  readonly dataset: string;
  /** In the order in which they happened; of the steps only the newest. */
  readonly events: readonly TrainEvent[];
  /** Undefined before the first epoch's end. */
  readonly tested: Tested | undefined;
}

/** `Network in Network on Fashion-MNIST`. */
export function titleOf({ config, dataset }: ReportData): string {
  return `Network in Network on ${isSynthetic(config.recipe.dataset) ? "synthetic garments" : dataset}`;
}

/** The last beginning: a run that was taken up again has several. */
export function startOf({ events }: ReportData): StartEvent | undefined {
  return events.findLast((event) => event.kind === "start");
}

/** One event for each epoch; where one was done again, the last counts. */
export function epochsOf({ events }: ReportData): EpochEvent[] {
  const epochs = events.filter((event) => event.kind === "epoch");
  return [...new Map(epochs.map((event) => [event.epoch, event])).values()].sort((a, b) => a.epoch - b.epoch);
}
