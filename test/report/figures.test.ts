import assert from "node:assert/strict";
import { test } from "node:test";
import { conjunction, duration, grouped, percent, rate, three } from "#nin-cli/report/figures.js";

test("shares and losses have three decimals, what was not measured a dash", () => {
  assert.deepEqual([0.8666, 2, null, undefined, Number.NaN].map(three), ["0.867", "2.000", "–", "–", "–"]);
});

test("a probability is never rounded to all or nothing", () => {
  assert.deepEqual([0, 1e-9, 0.0005, 0.1234, 0.9994, 0.9996, 1].map(percent), [
    "0.0 %",
    "< 0.1 %",
    "0.1 %",
    "12.3 %",
    "99.9 %",
    "> 99.9 %",
    "100.0 %",
  ]);
});

test("durations, speeds, counts and lists read as a person writes them", () => {
  assert.deepEqual([4.26, 59.4, 60, 754, 11_040].map(duration), [
    "4.3 s",
    "59 s",
    "1 min 0 s",
    "12 min 34 s",
    "3 h 4 min",
  ]);
  assert.deepEqual([14.83, 1520.4].map(rate), ["14.8", "1,520"]);
  assert.equal(grouped(1992166), "1,992,166");
  assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(conjunction), [
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});
