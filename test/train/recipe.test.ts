import assert from "node:assert/strict";
import { test } from "node:test";
import { caveatsOf, parseRecipe, presets } from "#nin-net/train/recipe.js";

test("the tutorial's recipe", () => {
  assert.deepEqual(presets.tutorial, {
    net: "nin",
    netOptions: {},
    dataset: "fashion-mnist",
    epochs: 10,
    batchSize: 128,
    lr: 0.1,
    optimizer: { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0, decayWeightsOnly: false },
    schedule: { name: "constant" },
    warmup: 0,
    labelSmoothing: 0,
    classWeights: null,
    clip: null,
    ema: null,
    augment: [],
    resize: 224,
    mean: null,
    std: null,
    limit: null,
    testLimit: null,
    slice: null,
    seed: 250,
  });
});

test("presets and what JSON makes of them are recipes", () => {
  for (const preset of Object.values(presets)) {
    assert.deepEqual(parseRecipe(JSON.parse(JSON.stringify(preset))), preset);
  }
});

test("a recipe of a version that knew no test limit tests on all; one says so beside its results", () => {
  const { testLimit: _, ...older } = presets.tutorial;
  assert.deepEqual(parseRecipe(older), presets.tutorial);
  assert.deepEqual(caveatsOf(presets.tutorial), []);
  assert.deepEqual(caveatsOf({ dataset: "someone's own", testLimit: 1000 }), [
    "tested on only the first 1,000 test images",
  ]);
});

test("a wrong setting is named, with what came", () => {
  const refuse = (change: object, message: RegExp): void => {
    assert.throws(() => parseRecipe({ ...presets.tutorial, ...change }), message);
  };
  refuse({ epochs: 0 }, /^NinError: Recipe setting epochs: got 0, expected a number of at least 1\.$/);
  refuse({ lr: -0.1 }, /^NinError: Recipe setting lr: got -0\.1, expected a number above 0\.$/);
  refuse({ batchSize: 1.5 }, /^NinError: Recipe setting batchSize: got 1\.5, expected a whole number\.$/);
  refuse(
    { dataset: "cifar" },
    /^NinError: Recipe setting dataset: got "cifar", expected fashion-mnist, .* or synthetic\.$/,
  );
  refuse(
    { optimizer: { name: "sgd", momentum: 1 } },
    /^NinError: Recipe setting optimizer\.momentum: got 1, expected a number below 1\.$/,
  );
  refuse(
    { optimizer: { name: "adam" } },
    /^NinError: Recipe setting optimizer\.name: got "adam", expected sgd, .* or \w+\.$/,
  );
  refuse(
    { schedule: { name: "cosine", final: 2 } },
    /^NinError: Recipe setting schedule\.final: got 2, expected a number .*\.$/,
  );
  refuse({ limit: undefined }, /^NinError: Recipe setting limit: got nothing, expected .*\.$/);
  refuse({ testLimit: 0 }, /^NinError: Recipe setting testLimit: got 0, expected a number of at least 1\.$/);
  refuse({ learningRate: 1 }, /^NinError: Recipe setting learningRate: there is none of that name\. /);
  assert.throws(() => parseRecipe(null), /^NinError: Recipe setting recipe: got null, expected an object\.$/);
});

test("a setting that there is not is named, without all the others", () => {
  const fix = "there is none of that name. Correct it, or leave it out.";
  assert.throws(() => parseRecipe({ ...presets.fast, lrr: 0.1 }), { message: `Recipe setting lrr: ${fix}` });
  const optimizer = { ...presets.fast.optimizer, beta: 0.9 };
  assert.throws(() => parseRecipe({ ...presets.fast, optimizer }), {
    message: `Recipe setting optimizer.beta: ${fix}`,
  });
});
