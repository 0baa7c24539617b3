import type { Comparison } from "./comparison.ts";
import { accuracyOfRun, type ComparisonRow } from "./rows.ts";

/** A comparison for programs. */
export function comparisonJson(comparison: Comparison): object {
  const { rows, pairs, claims, notes } = comparison;
  return {
    rows: rows.map(rowFigures),
    pairs: pairs.map((pair) => ({
      first: pair.first.run.run.path,
      second: pair.second.run.run.path,
      testImages: pair.images,
      bothRight: pair.bothRight,
      onlyFirst: pair.onlyFirst,
      onlySecond: pair.onlySecond,
      bothWrongApart: pair.bothWrongApart,
      bothWrongAlike: pair.bothWrongAlike,
      mcnemar: pair.test,
    })),
    claims,
    notes,
  };
}

/** The figures of a row under the names that they have in JSON and CSV. */
export function rowFigures(row: ComparisonRow) {
  const { runs, accuracy } = row;
  const [{ run, network, testSet, start, progress }] = runs;
  return {
    label: row.label,
    net: row.net,
    runs: runs.map((each) => each.run.path),
    seeds: runs.map((each) => each.run.config.recipe.seed),
    dataset: run.config.recipe.dataset,
    trainImages: start?.trainImages ?? null,
    epochs: progress.epoch,
    parameters: network.parameters,
    fullyConnectedParameters: network.fullyConnected.parameters,
    multiplyAdds: network.multiplyAdds,
    peakBytes: row.peakBytes,
    secondsPerEpoch: row.secondsPerEpoch,
    imagesPerSecond: row.imagesPerSecond,
    testImages: testSet.split.count,
    testAccuracy: accuracy.mean,
    testAccuracies: runs.map(accuracyOfRun),
    low95: accuracy.low,
    high95: accuracy.high,
    interval: accuracy.method,
  };
}
