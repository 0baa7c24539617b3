import { erfc } from "./erfc.ts";

/** The result of McNemar's test. */
export interface McNemar {
  /** `exact`: by the binomial distribution; `chi-square`: by that, with one degree of freedom and Edwards's correction. */
  readonly method: "exact" | "chi-square";
  /** Null where the test is exact. */
  readonly chiSquare: number | null;
  /** Of both sides, 0..1: how often counts as unequal as these, or more, would come about by chance. */
  readonly p: number;
}

/** With fewer disagreements than these, chi-square is too rough. */
const fewestForChiSquare = 25;

/**
 * Tests whether two classifiers are right equally often on the same images. Images on which both are right, or both
 * wrong, say nothing about that; of the others each has half by chance.
 *
 * @param onlyFirst - images that the first alone has right
 * @param onlySecond - images that the second alone has right
 * @see McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages"
 * @see Edwards 1948, "Note on the correction for continuity in testing the significance of the difference between
 *   correlated proportions"
 */
export function mcnemar(onlyFirst: number, onlySecond: number): McNemar {
  const count = onlyFirst + onlySecond;
  if (count < fewestForChiSquare) {
    return {
      method: "exact",
      chiSquare: null,
      p: Math.min(1, 2 * atMostOfCoins(Math.min(onlyFirst, onlySecond), count)),
    };
  }
  const chiSquare = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1) ** 2 / count;
  return { method: "chi-square", chiSquare, p: erfc(Math.sqrt(chiSquare / 2)) };
}

/** How likely at most `heads` of `count` fair coins show heads. */
function atMostOfCoins(heads: number, count: number): number {
  let combinations = 1;
  let sum = 1;
  for (let k = 1; k <= heads; k++) {
    combinations *= (count - k + 1) / k;
    sum += combinations;
  }
  return sum / 2 ** count;
}
