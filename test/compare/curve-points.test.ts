import assert from "node:assert/strict";
import { test } from "node:test";
import { accuracyPoints, lossPoints, secondsTo } from "#nin-cli/compare/curve-points.js";
import { epochEvent, startEvent } from "../report/fixture.js";

const epochs = [
  { ...epochEvent(1), testAccuracy: 0.5, seconds: 10, imagesPerSecond: 7500 },
  { ...epochEvent(2), testAccuracy: 0.7, seconds: 20, imagesPerSecond: 6000 },
];

test("over seconds an epoch's point lies at its end; several runs are averaged", () => {
  const faster = epochs.map((epoch) => ({ ...epoch, seconds: epoch.seconds / 2, testAccuracy: 0.6 }));
  assert.deepEqual(accuracyPoints([{ epochs }], "seconds"), [
    { x: 10, y: 0.5 },
    { x: 30, y: 0.7 },
  ]);
  assert.deepEqual(
    accuracyPoints([{ epochs }, { epochs: faster }], "seconds").map(({ x }) => x),
    [7.5, 22.5],
  );
  assert.deepEqual(
    accuracyPoints([{ epochs }, { epochs: faster.slice(0, 1) }], "epochs").map(({ x }) => x),
    [1],
  );
});

test("a step's loss lies where its part of the epoch's training was over; before the tests", () => {
  const stepLosses = [
    { x: 0.5, y: 4 },
    { x: 1, y: 3 },
    { x: 1.5, y: 2 },
    { x: 2.5, y: 1 }, // of an epoch that has not ended
  ];
  // 60,000 images in 8 s of training, 2 s of tests; then in 10 s.
  const points = lossPoints({ epochs, stepLosses, start: startEvent }, "seconds");
  assert.deepEqual(points, [
    { x: 4, y: 4 },
    { x: 8, y: 3 },
    { x: 15, y: 2 },
  ]);
  assert.deepEqual(lossPoints({ epochs, stepLosses, start: startEvent }, "epochs"), stepLosses);
});

test("the time to an accuracy is that of the first epoch that has it", () => {
  assert.deepEqual(
    [secondsTo(epochs, 0.5), secondsTo(epochs, 0.6), secondsTo(epochs, 0.8)],
    [10, 30, undefined],
  );
});
