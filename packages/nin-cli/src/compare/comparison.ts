import { type Device, isSynthetic } from "nin-net";
import { grouped } from "../report/figures.ts";
import { type Claim, seriesClaims } from "./claims.ts";
import type { ComparedRun } from "./compared-run.ts";
import { mostPairedWithAll, type Pair, pairsOf, sidesOf } from "./pairs.ts";
import { type ComparisonRow, groupRuns, rowsOf } from "./rows.ts";
import { shortfallOf } from "./shortfall.ts";
import type { TestSet } from "./test-set.ts";
import { trainingPeakBytes } from "./training-memory.ts";

/** Runs beside each other. */
export interface Comparison {
  readonly rows: readonly ComparisonRow[];
  readonly pairs: readonly Pair[];
  /** Each once. */
  readonly testSets: readonly TestSet[];
  /** None, unless the networks that they are about are there. */
  readonly claims: readonly Claim[];
  /** What a reader must know of the figures, in sentences. */
  readonly notes: readonly string[];
}

/**
 * @param runs - in the order in which they are shown
 * @param openDevice - opens a device on which nothing has run yet
 * @throws the signal's reason once it is aborted
 */
export async function comparisonOf(
  runs: readonly ComparedRun[],
  openDevice: () => Promise<Device>,
  signal?: AbortSignal,
): Promise<Comparison> {
  const groups = groupRuns(runs);
  const peaks: (number | null)[] = [];
  for (const [{ run, testSet }] of groups) {
    signal?.throwIfAborted();
    using device = await openDevice();
    peaks.push(await trainingPeakBytes(run.config.recipe, testSet.data, run.preprocessing, device));
  }
  const rows = rowsOf(groups, peaks);
  const testSets = [...new Map(runs.map(({ testSet }) => [testSet.digest, testSet])).values()];
  return {
    rows,
    pairs: pairsOf(rows),
    testSets,
    claims: seriesClaims(rows),
    notes: notesOf(rows, testSets),
  };
}

function notesOf(rows: readonly ComparisonRow[], testSets: readonly TestSet[]): string[] {
  const runs = rows.flatMap((row) => row.runs);
  const trained = runs.filter(({ start }) => start !== undefined);
  const machines = new Set(trained.map(({ run, start }) => `${run.config.machine}, ${start!.device}`));
  const isSeeded = rows.some(({ accuracy }) => accuracy.method === "t");
  const isSingle = rows.some(({ accuracy }) => accuracy.method === "wilson");
  return [
    ...testSets.flatMap(({ data, split }) =>
      split.count < data.test.count
        ? [
            `Tested on the first ${grouped(split.count)} of the ${grouped(data.test.count)} test images of ${data.title}.`,
          ]
        : [],
    ),
    ...testSets.flatMap(({ data: { name, title } }) =>
      isSynthetic(name)
        ? [
            `The images of ${title} are drawn by the program: what is reached on them says nothing about photographs.`,
          ]
        : [],
    ),
    ...(testSets.length > 1
      ? [
          `There are ${testSets.length} sets of test images here (${testSets.map(testSetText).join("; ")}): disagreements and McNemar's test are told only of runs that have one in common.`,
        ]
      : []),
    ...(isSeeded && isSingle
      ? ["Intervals of one run are about other test images, intervals of several seeds about other seeds."]
      : []),
    ...(machines.size > 1
      ? [
          `The runs were trained on different machines (${[...machines].join("; ")}): their times do not compare.`,
        ]
      : []),
    ...(new Set(trained.map(({ start }) => start!.trainImages)).size > 1
      ? ["Epochs have different numbers of images: their images a second compare, their durations do not."]
      : []),
    ...shortfalls(rows),
    ...(sidesOf(rows).length > mostPairedWithAll
      ? [
          "There are many here: disagreements and McNemar's test are told of each beside the most accurate one alone.",
        ]
      : []),
  ];
}

/** One sentence for all rows that were trained as little. */
function shortfalls(rows: readonly ComparisonRow[]): string[] {
  const alike = new Map<string, ComparisonRow[]>();
  for (const row of rows) {
    const without = shortfallOf([""], row.runs[0]);
    if (without !== null) alike.set(without, [...(alike.get(without) ?? []), row]);
  }
  return [...alike.values()].flatMap(
    (group) =>
      shortfallOf(
        group.map(({ label }) => label),
        group[0]!.runs[0],
      ) ?? [],
  );
}

/** `Fashion-MNIST, 10,000`. */
export function testSetText({ data, split }: TestSet): string {
  return `${data.title}, ${grouped(split.count)}`;
}
