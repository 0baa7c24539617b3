import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeLeft } from "#nin-cli/terminal/progress/time-left.js";
import { epochDone, start, step } from "./events.js";

test("in the first epoch, testing is reckoned at a third of training", () => {
  const timeLeft = new TimeLeft();
  timeLeft.observe(start);
  // 600 images at 100/s, then 300 test images at 300/s; the second epoch takes 10 s + 1 s.
  assert.deepEqual(timeLeft.after(step(1, 4)), { epochSeconds: 7, runSeconds: 18 });
});

test("afterwards, the rest of an epoch is what it was in the last one", () => {
  const timeLeft = new TimeLeft();
  timeLeft.observe(start);
  timeLeft.observe(epochDone(1));
  assert.deepEqual(timeLeft.after(step(2, 5)), { epochSeconds: 9, runSeconds: 9 });
});
