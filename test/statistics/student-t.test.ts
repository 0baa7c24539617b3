import assert from "node:assert/strict";
import { test } from "node:test";
import { studentT } from "#nin-cli/statistics/student-t.js";

// scipy 1.17.1: stats.t.ppf((1 + confidence) / 2, degrees); the same digits as in any printed table.
for (const [confidence, degrees, expected] of [
  [0.95, 1, 12.706204736174694],
  [0.95, 2, 4.302652729749462],
  [0.95, 3, 3.1824463052837078],
  [0.95, 4, 2.7764451051977934],
  [0.95, 9, 2.262157162798205],
  [0.95, 30, 2.0422724563012378],
  [0.95, 100, 1.9839715185235518],
  [0.99, 5, 4.032142983555228],
] as const) {
  test(`${confidence} with ${degrees} degrees of freedom`, () => {
    const t = studentT(confidence, degrees);
    assert.ok(Math.abs(t / expected - 1) < 1e-11, `${t}, expected ${expected}`);
  });
}

test("half of a Cauchy distribution lies within 1", () => {
  assert.ok(Math.abs(studentT(0.5, 1) - 1) < 1e-14);
});
