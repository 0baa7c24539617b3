import assert from "node:assert/strict";
import { test } from "node:test";
import { optionValues } from "#nin-cli/sweep/option-values.js";
import { type RunOption, runOptions } from "#nin-cli/sweep/run-option.js";

const option = (name: RunOption["name"]) => runOptions.find((each) => each.name === name)!;
const textsOf = (name: RunOption["name"], ...texts: readonly string[]) =>
  optionValues(option(name), texts).map(({ text }) => text);

test("values are separated by commas, and numbers written in their shortest form", () => {
  assert.deepEqual(textsOf("lr", "0.050, 1e-3,.1"), ["0.05", "0.001", "0.1"]);
  assert.deepEqual(textsOf("net", "lenet,nin-small"), ["lenet", "nin-small"]);
  assert.deepEqual(textsOf("lr", "0.1", "0.2"), ["0.1", "0.2"]);
  assert.deepEqual(textsOf("dataset", "drawn"), ["synthetic"]);
});

test("a range of whole numbers has both its ends", () => {
  assert.deepEqual(textsOf("seed", "1-3,7"), ["1", "2", "3", "7"]);
  assert.deepEqual(textsOf("limit", "5-5,all"), ["5", "all"]);
});

test("what an option accepts as it stands is one value", () => {
  assert.deepEqual(textsOf("widths", "8,16,16", "4,8,8"), ["8,16,16", "4,8,8"]);
  assert.deepEqual(textsOf("augment", "flip,shift:2", "none"), ["flip,shift:2", "none"]);
  assert.deepEqual(textsOf("schedule", "step:epochs=3,gamma=0.1", "constant,cosine"), [
    "step:epochs=3,gamma=0.1",
    "constant",
    "cosine",
  ]);
});

test("a switch is yes or no, and becomes the words of nin train", () => {
  const words = (name: RunOption["name"], text: string) => option(name).wordsOf(text);
  assert.deepEqual(textsOf("normalize", "yes,no"), ["yes", "no"]);
  assert.deepEqual(
    [words("normalize", "yes"), words("normalize", "no"), words("nesterov", "no"), words("verify", "no")],
    [["--normalize"], ["--no-normalize"], [], ["--no-verify"]],
  );
  assert.deepEqual(words("batchSize", "32"), ["--batch-size", "32"]);
});

test("values that an option does not accept are refused by their text", () => {
  const refused = (name: RunOption["name"], text: string, message: string) =>
    assert.throws(() => textsOf(name, text), { name: "UsageError", message });
  refused("lr", "0.1,0", '--lr: got "0", expected a number above 0.');
  refused("lr", "1-3", '--lr: got "1-3", expected a number above 0.');
  refused("seed", "", '--seed: got "", expected a whole number from 0 to 4294967295.');
  refused("seed", "1,", '--seed: got "", expected a whole number from 0 to 4294967295.');
  refused("seed", "5-1", '--seed: got "5-1", expected the smaller number first.');
  refused(
    "seed",
    "0-4000000000",
    '--seed: got "0-4000000000", which is 4,000,000,001 values, expected 10,000 at most.',
  );
  refused("seed", "1-3,2", "--seed: got 2 twice, expected each value once.");
  refused("lr", "0.1,0.10", "--lr: got 0.1 twice, expected each value once.");
  refused("nesterov", "maybe", '--nesterov: got "maybe", expected yes or no.');
});
