import type { EvaluationResult } from "nin-net";

/** Images of one class that were taken for another. */
export interface Confusion {
  readonly count: number;
  /** The true class. */
  readonly k: number;
  /** The predicted class. */
  readonly column: number;
}

const most = 20;

/** The most frequent confusions of two classes, the most frequent first; at most 20. */
export function frequentConfusions(confusion: EvaluationResult["confusion"]): Confusion[] {
  return confusion
    .flatMap((row, k) => row.map((count, column) => ({ count, k, column })))
    .filter(({ count, k, column }) => k !== column && count > 0)
    .sort((a, b) => b.count - a.count || a.k - b.k || a.column - b.column)
    .slice(0, most);
}
