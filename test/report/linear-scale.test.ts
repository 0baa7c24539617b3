import assert from "node:assert/strict";
import { test } from "node:test";
import { type LinearScaleOptions, linearScale } from "#nin-cli/report/linear-scale.js";

function labels(low: number, high: number, options: Partial<LinearScaleOptions> = {}): string {
  return linearScale([low, high], { pixels: 100, intervals: 5, ...options })
    .ticks.map(({ label }) => label)
    .join(" ");
}

test("ticks are 1, 2 or 5 times a power of ten apart, labelled with the decimals that they need", () => {
  assert.equal(labels(0, 1), "0.0 0.2 0.4 0.6 0.8 1.0");
  assert.equal(labels(0, 2.2), "0.0 0.5 1.0 1.5 2.0");
  assert.equal(labels(0, 0.0013), "0.0000 0.0002 0.0004 0.0006 0.0008 0.0010 0.0012");
  assert.equal(labels(0, 4321), "0 1,000 2,000 3,000 4,000");
  assert.equal(labels(-3, 3), "-3 -2 -1 0 1 2 3");
  assert.equal(labels(0, 3e-8), "0 5e-9 1e-8 1.5e-8 2e-8 2.5e-8 3e-8");
  assert.equal(labels(0, 3e9), "0 5e+8 1e+9 1.5e+9 2e+9 2.5e+9 3e+9");
});

test("ticks of whole numbers are whole numbers within the domain", () => {
  assert.equal(labels(1, 3, { isWhole: true, intervals: 10 }), "1 2 3");
  assert.equal(
    labels(1, 300, { isWhole: true, intervals: 10 }),
    "20 40 60 80 100 120 140 160 180 200 220 240 260 280 300",
  );
  assert.equal(labels(21, 27, { isWhole: true, intervals: 10 }), "21 22 23 24 25 26 27");
});

test("a nice scale ends at ticks", () => {
  const scale = linearScale([0, 2.186], { pixels: 300, intervals: 5, isNice: true });
  assert.deepEqual(scale.domain, [0, 2.5]);
  assert.deepEqual([0, 1, 2.5].map(scale.at), [0, 120, 300]);
  assert.deepEqual(linearScale([-0.3, 1], { pixels: 1, intervals: 5, isNice: true }).domain, [-0.4, 1]);
});

test("a single value lies in the middle and has the only tick", () => {
  const scale = linearScale([4, 4], { pixels: 520, intervals: 10, isWhole: true });
  assert.equal(scale.at(4), 260);
  assert.deepEqual(scale.ticks, [{ value: 4, label: "4" }]);
});
