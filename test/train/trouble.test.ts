import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evaluation } from "#src/train/evaluate.js";
import { trouble } from "#src/train/trouble.js";

/** Four classes of five images each. */
function evaluation(predicted: readonly number[], silentClasses: readonly number[] = []): Evaluation {
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
  assert.equal(trouble(evaluation([2, 1, 1, 1]), 3), null);
});

test("names the classes whose maps are shut off, and what can still be reached", () => {
  assert.equal(
    trouble(evaluation([3, 0, 2, 0], [1, 3]), 3),
    "2 of 4 class maps (bag, boot) give 0 for every test image: the last ReLU has shut them off, " +
      "so they no longer learn, and hardly more than 50 % of the images can come out right. " +
      "Start again with another seed or a lower learning rate.",
  );
});

test("names the classes that are not predicted but alive", () => {
  assert.equal(
    trouble(evaluation([3, 0, 1, 1]), 3),
    "1 of 4 classes (bag) were not predicted for any test image after epoch 3. " +
      "If that lasts, start again with another seed or a lower learning rate.",
  );
});

test("says nothing of a network whose scores are no numbers", () => {
  assert.equal(trouble({ ...evaluation([5, 0, 0, 0]), testLossNats: Number.NaN }, 3), null);
});
