import { type EpochEvent, isSynthetic, models, type StartEvent, type TrainEvent } from "nin-net";
import type { RunConfig } from "../runs/run-folder.ts";
import type { Point } from "./line-chart.ts";
import type { TestResults } from "./test-results.ts";

/** Everything that a report is made of. */
export interface ReportData {
  /** The name of the run's folder. */
  readonly run: string;
  readonly config: RunConfig;
  /** Of the data set, for people. */
  readonly dataset: string;
  /** In the order in which they happened; of the steps only the newest. */
  readonly events: readonly TrainEvent[];
  /** The loss over the steps, averaged over parts of epochs: x in epochs, y in nats. */
  readonly stepLosses: readonly Point[];
  /** Undefined before the first epoch's end. */
  readonly results: TestResults | undefined;
}

/** `Network in Network on Fashion-MNIST`. */
export function titleOf({ config, dataset }: ReportData): string {
  const { net, dataset: name } = config.recipe;
  return `${titleOfModel(net)} on ${isSynthetic(name) ? "synthetic garments" : dataset}`;
}

/** A custom network goes by its name. */
function titleOfModel(name: string): string {
  return Object.entries(models).find(([known]) => known === name)?.[1].title ?? name;
}

/** The last beginning: a run that was taken up again has several. */
export function startOf({ events }: Pick<ReportData, "events">): StartEvent | undefined {
  return events.findLast((event) => event.kind === "start");
}

/** One event for each epoch; where one was done again, the last counts. */
export function epochsOf({ events }: Pick<ReportData, "events">): EpochEvent[] {
  const epochs = events.filter((event) => event.kind === "epoch");
  return [...new Map(epochs.map((event) => [event.epoch, event])).values()].sort((a, b) => a.epoch - b.epoch);
}
