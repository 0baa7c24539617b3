import assert from "node:assert/strict";
import { test } from "node:test";
import { mcnemar } from "#nin-cli/statistics/mcnemar.js";

test("few disagreements: the binomial distribution, by hand", () => {
  // At most 1 head of 10 coins: (1 + 10) / 1024, on both sides.
  assert.deepEqual(mcnemar(1, 9), { method: "exact", chiSquare: null, p: 22 / 1024 });
  assert.deepEqual(mcnemar(9, 1), mcnemar(1, 9));
  assert.deepEqual(mcnemar(0, 5), { method: "exact", chiSquare: null, p: 2 / 32 });
});

test("24 are few: as scipy's binomtest(7, 24)", () => {
  const { method, p } = mcnemar(7, 17);
  assert.equal(method, "exact");
  assert.ok(Math.abs(p - 0.06391465663909912) < 1e-15, `${p}`);
});

test("shared evenly, or nothing to share: 1", () => {
  assert.equal(mcnemar(5, 5).p, 1);
  assert.equal(mcnemar(0, 0).p, 1);
  assert.deepEqual(mcnemar(20, 20), { method: "chi-square", chiSquare: 0, p: 1 });
});

test("more: chi-square, corrected for continuity", () => {
  // Approval ratings (Agresti 1990, page 350): 150 and 86 changed sides. (64 - 1)^2 / 236, by hand; p by scipy's chi2.sf.
  const { method, chiSquare, p } = mcnemar(150, 86);
  assert.equal(method, "chi-square");
  assert.equal(chiSquare, 3969 / 236);
  assert.ok(Math.abs(p / 4.114562281345944e-5 - 1) < 1e-12, `${p}`);
});
