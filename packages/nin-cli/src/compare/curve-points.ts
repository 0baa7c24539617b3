import type { EpochEvent } from "nin-net";
import type { Point } from "../report/line-chart.ts";
import type { ComparedRun } from "./compared-run.ts";

/** What is drawn over epochs or over seconds. */
export type Against = "epochs" | "seconds";

/** Test accuracy after each epoch, 0..1; of several runs the mean of each epoch that all have. */
export function accuracyPoints(runs: readonly Pick<ComparedRun, "epochs">[], against: Against): Point[] {
  const count = Math.min(...runs.map(({ epochs }) => epochs.length));
  return Array.from({ length: count }, (_, i) => ({
    x: mean(
      runs.map(({ epochs }) => (against === "epochs" ? epochs[i]!.epoch : secondsAfter(epochs, i + 1))),
    ),
    y: mean(runs.map(({ epochs }) => epochs[i]!.testAccuracy)),
  }));
}

/** The loss of a run's steps, in nats; over seconds only as far as whole epochs tell how long they took. */
export function lossPoints(
  { epochs, stepLosses, start }: Pick<ComparedRun, "epochs" | "stepLosses" | "start">,
  against: Against,
): Point[] {
  if (against === "epochs") return [...stepLosses];
  return stepLosses.flatMap(({ x, y }) => {
    // The last step of an epoch has a whole number as its x.
    const done = Math.max(0, Math.ceil(x) - 1);
    const epoch = epochs[done];
    if (epoch === undefined || start === undefined) return [];
    const trainingSeconds = start.trainImages / epoch.imagesPerSecond;
    return [{ x: secondsAfter(epochs, done) + (x - done) * trainingSeconds, y }];
  });
}

/** When a run first had a test accuracy, in seconds from its start; undefined: never. */
export function secondsTo(epochs: readonly EpochEvent[], testAccuracy: number): number | undefined {
  const index = epochs.findIndex((epoch) => epoch.testAccuracy >= testAccuracy);
  return index < 0 ? undefined : secondsAfter(epochs, index + 1);
}

/** From the start of a run to the end of its first epochs, tests included. */
function secondsAfter(epochs: readonly EpochEvent[], count: number): number {
  return epochs.slice(0, count).reduce((sum, { seconds }) => sum + seconds, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
