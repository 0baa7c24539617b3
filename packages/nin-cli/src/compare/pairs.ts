import { type McNemar, mcnemar } from "../statistics/mcnemar.ts";
import type { ComparedRun } from "./compared-run.ts";
import { accuracyOfRun, type ComparisonRow } from "./rows.ts";

/** One of the two runs of a pair. */
export interface Side {
  /** Tells it from the other runs of all pairs. */
  readonly label: string;
  readonly run: ComparedRun;
}

/** Two runs on the same test images, image by image. */
export interface Pair {
  readonly first: Side;
  readonly second: Side;
  readonly images: number;
  readonly bothRight: number;
  /** Images, by index, that the first alone has right. */
  readonly onlyFirst: readonly number[];
  readonly onlySecond: readonly number[];
  /** Images, by index, that both take for a wrong class, but not for the same. */
  readonly bothWrongApart: readonly number[];
  readonly bothWrongAlike: number;
  readonly test: McNemar;
}

/** Of more, every two would be too many to read. */
export const mostPairedWithAll = 8;

/**
 * Every two rows on the same test set, each by the run with the lowest seed; of a single row, every two of its runs. Of
 * more than {@link mostPairedWithAll} each with the most accurate one.
 */
export function pairsOf(rows: readonly ComparisonRow[]): Pair[] {
  const sides = sidesOf(rows);
  const areFew = sides.length <= mostPairedWithAll;
  const firsts = areFew
    ? sides
    : [sides.reduce((best, side) => (side.accuracy > best.accuracy ? side : best))];
  return firsts.flatMap((first) =>
    (areFew ? sides.slice(sides.indexOf(first) + 1) : sides.filter((side) => side !== first))
      .filter(({ run }) => run.testSet.digest === first.run.testSet.digest)
      .map((second) => pairOf(first, second)),
  );
}

/** What can be paired. */
export function sidesOf(rows: readonly ComparisonRow[]): (Side & { readonly accuracy: number })[] {
  const [only] = rows;
  if (rows.length > 1) {
    return rows.map(({ label, runs, accuracy }) => ({ label, run: runs[0], accuracy: accuracy.mean }));
  }
  return only!.runs.map((run) => ({
    label: `seed ${run.run.config.recipe.seed}`,
    run,
    accuracy: accuracyOfRun(run),
  }));
}

function pairOf(first: Side, second: Side): Pair {
  const { labels, count } = first.run.testSet.split;
  const [a, b] = [first.run.answers.classes, second.run.answers.classes];
  const all = Array.from({ length: count }, (_, index) => index);
  const onlyFirst = all.filter((i) => a[i] === labels[i] && b[i] !== labels[i]);
  const onlySecond = all.filter((i) => a[i] !== labels[i] && b[i] === labels[i]);
  const bothWrong = all.filter((i) => a[i] !== labels[i] && b[i] !== labels[i]);
  const bothWrongApart = bothWrong.filter((i) => a[i] !== b[i]);
  return {
    first,
    second,
    images: count,
    bothRight: count - onlyFirst.length - onlySecond.length - bothWrong.length,
    onlyFirst,
    onlySecond,
    bothWrongApart,
    bothWrongAlike: bothWrong.length - bothWrongApart.length,
    test: mcnemar(onlyFirst.length, onlySecond.length),
  };
}
