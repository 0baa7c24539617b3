import assert from "node:assert/strict";
import { test } from "node:test";
import { StepLosses } from "#nin-cli/runs/step-losses.js";
import type { StepEvent } from "#nin-net/train/events.js";

const step = (epoch: number, number: number, steps: number, batchLossNats: number): StepEvent => ({
  kind: "step",
  epoch,
  step: number,
  steps,
  lossNats: 0,
  accuracy: 0,
  batchLossNats,
  imagesPerSecond: 0,
});

test("losses are averaged over fiftieths of an epoch", () => {
  const losses = new StepLosses();
  for (const epoch of [1, 2]) for (let i = 1; i <= 100; i++) losses.add(step(epoch, i, 100, epoch * i));
  const points = losses.points();
  assert.equal(points.length, 100);
  assert.deepEqual(points.slice(0, 2), [
    { x: 0.02, y: 1.5 },
    { x: 0.04, y: 3.5 },
  ]);
  assert.deepEqual(points.at(-1), { x: 2, y: 199 });
});

test("short epochs have a point a step; a run that is rolled back draws over what it lost", () => {
  const losses = new StepLosses();
  for (const [epoch, number, loss] of [
    [1, 1, 4],
    [1, 2, 3],
    [2, 1, 9],
    [2, 2, 99],
    [2, 1, 2],
  ] as const) {
    losses.add(step(epoch, number, 2, loss));
  }
  assert.deepEqual(losses.points(), [
    { x: 0.5, y: 4 },
    { x: 1, y: 3 },
    { x: 1.5, y: 2 },
  ]);
});
