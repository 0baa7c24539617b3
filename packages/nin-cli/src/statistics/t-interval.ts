import type { Interval } from "./interval.ts";
import { studentT } from "./student-t.ts";

/**
 * The mean of some measurements, and its 95 % interval by Student's t: for measurements that scatter normally, such as
 * the accuracies of one recipe with different seeds.
 *
 * @param values - at least two
 */
export function tInterval(values: readonly number[]): Interval & { readonly mean: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = studentT(0.95, count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { mean, low: mean - half, high: mean + half };
}
