import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean } from "#nin-cli/terminal/similar.js";

test("the nearest names are suggested, by themselves or by a part of them", () => {
  assert.equal(didYouMean("nni", ["nin", "nin-small", "vgg"]), " Did you mean nin?");
  assert.equal(didYouMean("fashon", ["fashion-mnist", "kmnist"]), " Did you mean fashion-mnist?");
  assert.equal(didYouMean("boot", ["coat", "ankle boot"]), " Did you mean ankle boot?");
  assert.equal(didYouMean("Fsat", ["fast", "best"]), " Did you mean fast?");
  assert.equal(didYouMean("resnet", ["nin", "lenet"]), "");
});
