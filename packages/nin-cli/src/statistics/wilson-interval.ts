import type { Interval } from "./interval.ts";

/** What 97.5 % of a standard normal distribution lie below. */
const z = 1.959963984540054;

/**
 * The 95 % interval of a share of which `right` of `count` were seen: Wilson's score interval, without a correction
 * for continuity. It never leaves 0..1 and stays wide where everything or nothing was right.
 *
 * @param right - a whole number from 0 to `count`
 * @param count - at least 1
 * @see Wilson 1927, "Probable inference, the law of succession, and statistical inference"
 */
export function wilsonInterval(right: number, count: number): Interval {
  const share = right / count;
  const denominator = 1 + z ** 2 / count;
  const centre = (share + z ** 2 / (2 * count)) / denominator;
  const half = (z / denominator) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  // Rounding may pass the ends.
  return {
    low: right === 0 ? 0 : Math.max(0, centre - half),
    high: right === count ? 1 : Math.min(1, centre + half),
  };
}
