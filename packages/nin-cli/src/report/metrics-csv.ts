import type { EpochEvent } from "nin-net";

/** As in the events, in their order. */
const columns = [
  "epoch",
  "trainLossNats",
  "trainAccuracy",
  "testLossNats",
  "testAccuracy",
  "imagesPerSecond",
  "seconds",
] as const satisfies readonly (keyof EpochEvent)[];

/** A line for each epoch under a line of names, as spreadsheets read it. */
export function metricsCsv(epochs: readonly EpochEvent[]): string {
  const rows = epochs.map((epoch) => columns.map((column) => epoch[column]));
  return [columns, ...rows].map((cells) => `${cells.join(",")}\n`).join("");
}
