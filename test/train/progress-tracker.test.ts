import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { ProgressTracker } from "#nin-net/train/progress-tracker.js";
import { noProgress } from "#nin-net/train/training-state.js";

test("the clock of training runs while any step is at work, and what steps have in common counts once", async () => {
  const began = performance.now();
  const tracker = new ProgressTracker(noProgress(0.1));
  const seconds = (): number => tracker.progress.seconds.training;
  let end = (): void => {};
  const first = tracker.timed(() => wait(20));
  const second = tracker.timed(() => new Promise<void>((resolve) => (end = resolve)));
  await first;
  const before = seconds();
  await wait(20);
  assert.ok(seconds() > before);
  end();
  await second;
  const { training, epochTraining } = tracker.progress.seconds;
  assert.ok(training > before && training <= (performance.now() - began) / 1000);
  assert.ok(epochTraining > before);
  await wait(5);
  assert.equal(seconds(), training);
});
