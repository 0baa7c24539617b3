import { type EpochEvent, modelNamed } from "nin-net";
import type { Interval } from "../statistics/interval.ts";
import { tInterval } from "../statistics/t-interval.ts";
import { wilsonInterval } from "../statistics/wilson-interval.ts";
import type { ComparedRun } from "./compared-run.ts";
import { shortfallOf } from "./shortfall.ts";

/** The share of test images that a row has right, and how far it can be trusted. */
export interface Accuracy extends Interval {
  /** 0..1; of several seeds the mean. */
  readonly mean: number;
  /** `wilson`: over other test images, of one run; `t`: over other seeds. */
  readonly method: "wilson" | "t";
}

/** One run, or several of one recipe that differ in their seeds. */
export interface ComparisonRow {
  /** Tells it from the other rows. */
  readonly label: string;
  /** Of the network, in the registry. */
  readonly net: string;
  /** Of the network, for people. */
  readonly title: string;
  /** In the order of their seeds; those on one test set. */
  readonly runs: readonly [ComparedRun, ...ComparedRun[]];
  readonly accuracy: Accuracy;
  /** Means over the epochs of all runs; null before the first epoch's end. */
  readonly secondsPerEpoch: number | null;
  /** Of training steps alone. */
  readonly imagesPerSecond: number | null;
  /** Of a training step; null where the device cannot tell. */
  readonly peakBytes: number | null;
  /** What it was trained less than its network's own recipe asks for, in a sentence; null: nothing. */
  readonly shortfall: string | null;
}

/** Which runs are one row: those of one recipe, equally far, on the same images, with another seed each. */
export function groupRuns(runs: readonly ComparedRun[]): [ComparedRun, ...ComparedRun[]][] {
  const groups = new Map<string, [ComparedRun, ...ComparedRun[]][]>();
  for (const run of runs) {
    const { recipe, weightsOrigin, datasetChecksum } = run.run.config;
    const { seed, ...rest } = recipe;
    const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([
      sorted,
      weightsOrigin?.sha256,
      datasetChecksum,
      run.progress,
      run.testSet.digest,
    ]);
    const known = groups.get(key) ?? [];
    // The same seed again is the same run again, and says nothing about other seeds.
    const group = known.find((each) => each.every((other) => other.run.config.recipe.seed !== seed));
    if (group) group.push(run);
    else known.push([run]);
    groups.set(key, known);
  }
  const order = (group: readonly [ComparedRun, ...ComparedRun[]]) =>
    Math.min(...group.map((run) => runs.indexOf(run)));
  return [...groups.values()].flat().sort((a, b) => order(a) - order(b));
}

/** @param peakBytes - of each group */
export function rowsOf(
  groups: readonly [ComparedRun, ...ComparedRun[]][],
  peakBytes: readonly (number | null)[],
): ComparisonRow[] {
  const labels = labelsOf(groups);
  return groups.map((group, i) => {
    const bySeed = group.toSorted((a, b) => a.run.config.recipe.seed - b.run.config.recipe.seed);
    const runs = bySeed as [ComparedRun, ...ComparedRun[]];
    const { net } = runs[0].run.config.recipe;
    const epochs = runs.flatMap((run) => run.epochs);
    return {
      label: labels[i]!,
      net,
      title: modelNamed(net).title,
      runs,
      accuracy: accuracyOf(runs),
      secondsPerEpoch: meanOf(epochs, "seconds"),
      imagesPerSecond: meanOf(epochs, "imagesPerSecond"),
      peakBytes: peakBytes[i]!,
      shortfall: shortfallOf([labels[i]!], runs[0]),
    };
  });
}

/** The share of the test images that a run has right, 0..1. */
export function accuracyOfRun({ answers, testSet }: ComparedRun): number {
  return answers.right / testSet.split.count;
}

function accuracyOf(runs: readonly [ComparedRun, ...ComparedRun[]]): Accuracy {
  if (runs.length > 1) {
    const { mean, low, high } = tInterval(runs.map(accuracyOfRun));
    return { mean, low: Math.max(0, low), high: Math.min(1, high), method: "t" };
  }
  const [run] = runs;
  return {
    mean: accuracyOfRun(run),
    ...wilsonInterval(run.answers.right, run.testSet.split.count),
    method: "wilson",
  };
}

function meanOf(epochs: readonly EpochEvent[], figure: "seconds" | "imagesPerSecond"): number | null {
  if (epochs.length === 0) return null;
  return epochs.reduce((sum, epoch) => sum + epoch[figure], 0) / epochs.length;
}

/** What its runs are called; or the network's name, where no other row has it, else the folder's. */
function labelsOf(groups: readonly [ComparedRun, ...ComparedRun[]][]): string[] {
  const nets = groups.map(([run]) => run.run.config.recipe.net);
  const names = groups.map(
    ([run], i) => run.label ?? (nets.filter((net) => net === nets[i]).length === 1 ? nets[i]! : run.name),
  );
  // Folders of one name may lie in different places.
  return names.map((name, i) =>
    names.filter((other) => other === name).length === 1 ? name : groups[i]![0].run.path,
  );
}
