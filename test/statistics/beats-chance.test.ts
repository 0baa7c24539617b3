import assert from "node:assert/strict";
import { test } from "node:test";
import { beatsChance } from "#nin-cli/statistics/beats-chance.js";

test("of ten classes from 0.1 + 0.2 * 0.9 on, of two from 0.5 + 0.2 * 0.5", () => {
  assert.deepEqual([beatsChance(0.279, 10), beatsChance(0.281, 10)], [false, true]);
  assert.deepEqual([beatsChance(0.599, 2), beatsChance(0.601, 2)], [false, true]);
});
