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
    "1 of 4 classes (bag) was not predicted for any test image after epoch 3. " +
      "If that lasts, a lower learning rate or the preset robust may help.",
  );
});

test("leaves those to the dead class maps that are due to them", () => {
  assert.equal(unpredictedClasses(evaluation([3, 0, 1, 1], [1]), 3), null);
});

test("a network that still guesses has learned nothing, whatever it leaves out", () => {
  const guessing = { ...evaluation([5, 0, 0, 0]), testLossNats: Math.log(4), testAccuracy: 0.25 };
  const message = unpredictedClasses(guessing, 2);
  assert.match(
    message ?? "",
    /^Nothing has been learned yet: after epoch 2 the test loss is 1\.386, as of guessing among 4 classes\. /,
  );
});

test("a network too sure of itself, which finds images of three classes, is not one that guesses", () => {
  const sure = { ...evaluation([2, 0, 2, 1]), testLossNats: 2.9, testAccuracy: 0.5 };
  assert.match(unpredictedClasses(sure, 1) ?? "", /^1 of 4 classes \(bag\) was not predicted/);
});

test("a network that has learned a few images by heart is not one that guesses, though it finds no class", () => {
  const byHeart = { ...evaluation([5, 0, 0, 0]), testLossNats: 4.1, testAccuracy: 0.25 };
  assert.match(unpredictedClasses(byHeart, 1) ?? "", /^3 of 4 classes \(.*\) were not predicted/);
});

test("of a loss that is not cross-entropy the accuracy alone tells whether the network guesses", () => {
  const guessing = { ...evaluation([5, 0, 0, 0]), testLossNats: 0.01, testAccuracy: 0.25 };
  assert.match(
    unpredictedClasses(guessing, 2, false) ?? "",
    /^Nothing has been learned yet: after epoch 2 the test accuracy is 0\.250, as of guessing among 4 classes\. /,
  );
  const learned = { ...evaluation([2, 0, 2, 1]), testLossNats: 350, testAccuracy: 0.5 };
  assert.match(unpredictedClasses(learned, 1, false) ?? "", /^1 of 4 classes \(bag\) was not predicted/);
});

test("guessing the class that most images are of is no learning", () => {
  const { perClass, ...others } = evaluation([17, 0, 0, 0]);
  const uneven = perClass.map((each, k) => ({ ...each, support: k === 0 ? 17 : 1 }));
  const guessing = { ...others, perClass: uneven, testLossNats: 1.4, testAccuracy: 0.85 };
  assert.match(unpredictedClasses(guessing, 1) ?? "", /^Nothing has been learned yet/);
});
