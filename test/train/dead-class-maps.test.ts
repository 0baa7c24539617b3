import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { areMapsDead, deadClassMaps } from "#nin-net/train/dead-class-maps.js";
import { type EvaluationResult, evaluate } from "#nin-net/train/evaluate.js";
import { patches } from "./patches.js";

/** Four classes of five images each. */
function evaluation(silentClasses: readonly number[]): EvaluationResult {
  const names = ["shirt", "bag", "coat", "boot"];
  return {
    testLossNats: 1,
    testAccuracy: 0.5,
    confusion: names.map(() => [5, 0, 0, 0]),
    perClass: names.map((name) => ({ name, precision: 0, recall: 0, f1: 0, support: 5 })),
    silentClasses,
  };
}

test("nothing to say where every map is alive", () => {
  assert.equal(deadClassMaps(evaluation([]), 3, [1]), null);
});

test("names the classes, why, what it costs and what helps", () => {
  assert.deepEqual(deadClassMaps(evaluation([1, 3]), 3, []), {
    kind: "deadClassMaps",
    epoch: 3,
    classes: ["bag", "boot"],
    maps: 4,
    message:
      "2 of 4 class maps (bag, boot) give 0 for every test image: the last ReLU has shut them off, " +
      "so they no longer learn, and hardly more than 50 % of the images can come out right. " +
      "Start again without the last ReLU, with another seed or with a lower learning rate (the preset robust has none).",
  });
});

test("says it once: then only that they still are, until others are", () => {
  assert.equal(
    deadClassMaps(evaluation([1, 3]), 4, [1, 3])?.message,
    "Still 0 for every test image after epoch 4: the class maps of bag, boot.",
  );
  assert.match(deadClassMaps(evaluation([1]), 5, [1, 3])?.message ?? "", /^1 of 4 class maps \(bag\) give 0/);
  assert.match(
    deadClassMaps(evaluation([1, 2]), 5, [1, 3])?.message ?? "",
    /^2 of 4 class maps \(bag, coat\)/,
  );
});

test("while the network still guesses, nothing has been learned yet, and no map is called dead", () => {
  const guessing = { ...evaluation([1, 3]), testLossNats: Math.log(4) };
  assert.equal(
    deadClassMaps(guessing, 1, [])?.message,
    "Nothing has been learned yet: after epoch 1 the test loss is 1.386, as of guessing among 4 classes; the class maps " +
      "of bag, boot give 0 for every test image so far. Deep networks without normalization can stand there for " +
      "thousands of steps, some for good. Normalized images, batch normalization and momentum help (the preset robust " +
      "has them); so does another learning rate.",
  );
  assert.match(
    deadClassMaps({ ...guessing, silentClasses: [2] }, 1, [])?.message ?? "",
    /classes; the class map of coat gives 0 for every test image so far\. /,
  );
  assert.ok(!areMapsDead(guessing));
});

test("with a loss that is not cross-entropy maps are dead where the network finds classes, and not where it guesses", () => {
  const guessing = { ...evaluation([1, 3]), testLossNats: 350, testAccuracy: 0.25 };
  assert.match(
    deadClassMaps(guessing, 1, [], false)?.message ?? "",
    /^Nothing has been learned yet: after epoch 1 the test accuracy is 0\.250, as of guessing among 4 classes; the class maps of bag, boot give 0 for every test image so far\. /,
  );
  assert.ok(!areMapsDead(guessing, false));
  const finds = { ...guessing, testLossNats: Math.log(4), testAccuracy: 0.5 };
  assert.match(deadClassMaps(finds, 1, [], false)?.message ?? "", /^2 of 4 class maps \(bag, boot\) give 0/);
  assert.ok(areMapsDead(finds, false));
});

test("where all maps give 0 the loss is that of guessing too, but none has a gradient: they are dead", () => {
  const all = { ...evaluation([0, 1, 2, 3]), testLossNats: Math.log(4) };
  assert.match(
    deadClassMaps(all, 1, [])?.message ?? "",
    /^4 of 4 class maps .* the last ReLU has shut them off/,
  );
  assert.ok(areMapsDead(all));
});

test("a score is 0 for every image exactly where the class map is", async () => {
  const maps = new Sequential(new Conv2d(1, 5, 3), new ReLU());
  const weight = Float32Array.from({ length: 45 }, (_, i) => ((i * 7) % 5) - 2);
  // Never open, always open, hardly ever, never, and open for a value too small for a mean of rounded sums.
  const bias = Float32Array.of(-1e3, 1, -11, -1e3, 1e-20);
  weight.fill(0, 36);
  maps.loadStateDict({
    "0.weight": { shape: [5, 1, 3, 3], data: weight },
    "0.bias": { shape: [5], data: bias },
  });
  const net = new Sequential(maps, new AdaptiveAvgPool2d([1, 1]), new Flatten());
  const device = openReference();
  const { silentClasses } = await evaluate(net, patches(6, 3), { device });

  const dead = new Set([0, 1, 2, 3, 4]);
  for (const [images] of patches(6, 3).batches(0)) {
    const { shape, data } = await maps.forward(images, { device });
    const [, classes, height, width] = shape as [number, number, number, number];
    data.forEach((value, i) => {
      if (value !== 0) dead.delete(Math.floor(i / (height * width)) % classes);
    });
  }
  assert.deepEqual(silentClasses, [...dead]);
  assert.ok(dead.has(0) && dead.has(3) && !dead.has(1) && !dead.has(4));
});
