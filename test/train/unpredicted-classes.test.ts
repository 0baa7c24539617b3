import assert from "node:assert/strict";
import { test } from "node:test";
import type { EvaluationResult } from "#nin-net/train/evaluate.js";
import { unpredictedClasses } from "#nin-net/train/unpredicted-classes.js";

/** Four classes of five images each. */
function evaluation(predicted: readonly number[], silentClasses: readonly number[] = []): EvaluationResult {
  const names = ["shirt", "bag", "coat", "boot"];
  return {
    testLossNats: 1,
    testAccuracy: 0.5,
    confusion: names.map(() => predicted),
    perClass: names.map((name) => ({ name, precision: 0, recall: 0, f1: 0, support: 5 })),
    silentClasses,
  };
}

test("nothing to say where every class is predicted", () => {
  assert.equal(unpredictedClasses(evaluation([2, 1, 1, 1]), 3), null);
});

test("names the classes that are not predicted but alive", () => {
  assert.equal(
    unpredictedClasses(evaluation([3, 0, 1, 1]), 3),
    "1 of 4 classes (bag) were not predicted for any test image after epoch 3. " +
      "If that lasts, a lower learning rate or the preset robust may help.",
  );
});

test("leaves those to the dead class maps that are due to them", () => {
  assert.equal(unpredictedClasses(evaluation([3, 0, 1, 1], [1]), 3), null);
});

test("a network that still guesses has learned nothing, whatever it leaves out", () => {
  const message = unpredictedClasses({ ...evaluation([5, 0, 0, 0]), testLossNats: Math.log(4) }, 2);
  assert.match(
    message ?? "",
    /^Nothing has been learned yet: after epoch 2 the test loss is 1\.386, as of guessing among 4 classes\. /,
  );
});
