import assert from "node:assert/strict";
import { test } from "node:test";
import { tInterval } from "#nin-cli/statistics/t-interval.js";

test("of three accuracies, as scipy has it", () => {
  // stats.t.interval(.95, 2, loc=a.mean(), scale=stats.sem(a)) for a = [.912, .915, .917], scipy 1.17.1
  const { mean, low, high } = tInterval([0.912, 0.915, 0.917]);
  assert.ok(Math.abs(mean - 2.744 / 3) < 1e-15);
  assert.ok(Math.abs(low - 0.9084150571872909) < 1e-12, `${low}`);
  assert.ok(Math.abs(high - 0.9209182761460424) < 1e-12, `${high}`);
});

test("of two: the mean, and 12.7062 times half their distance to both sides", () => {
  const { mean, low, high } = tInterval([0.4, 0.6]);
  assert.equal(mean, 0.5);
  assert.ok(
    Math.abs(high - 0.5 - 12.7062047 * 0.1) < 1e-8 && Math.abs(low + high - 1) < 1e-12,
    `${low} ${high}`,
  );
});

test("of equal ones the interval has no width", () => {
  assert.deepEqual(tInterval([0.5, 0.5, 0.5]), { mean: 0.5, low: 0.5, high: 0.5 });
});
