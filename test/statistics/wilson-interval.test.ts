import assert from "node:assert/strict";
import { test } from "node:test";
import { wilsonInterval } from "#nin-cli/statistics/wilson-interval.js";

const near = (got: number, expected: number) =>
  assert.ok(Math.abs(got - expected) < 1e-12, `${got}, expected ${expected}`);

// scipy 1.17.1: stats.binomtest(right, count).proportion_ci(method="wilson")
for (const [right, count, low, high] of [
  [8, 10, 0.4901624715366418, 0.9433178485456248],
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371109, 1],
  [8670, 10000, 0.8602033159427245, 0.8735148292531989],
] as const) {
  test(`${right} of ${count} right`, () => {
    const interval = wilsonInterval(right, count);
    near(interval.low, low);
    near(interval.high, high);
  });
}
