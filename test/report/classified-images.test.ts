import assert from "node:assert/strict";
import { test } from "node:test";
import { classifiedImages, firstCorrect, worstMistakes } from "#nin-cli/report/classified-images.js";

// Two classes: right by a little, wrong by 3, right by a lot, wrong by 1, wrong by 3 again.
const scores = Float32Array.of(1, 0, 0, 3, 5, 0, 1, 0, 3, 0);
const labels = Uint8Array.of(0, 0, 0, 1, 1);
const loss = (difference: number): number => Math.log(1 + Math.exp(difference));

test("reads what was predicted, how likely, and the loss, image by image", () => {
  const images = classifiedImages(scores, labels, 2);
  assert.deepEqual(
    images.map(({ index, label, predicted }) => [index, label, predicted]),
    [
      [0, 0, 0],
      [1, 0, 1],
      [2, 0, 0],
      [3, 1, 0],
      [4, 1, 0],
    ],
  );
  assert.ok(Math.abs(images[1]!.lossNats - loss(3)) < 1e-6);
  assert.ok(Math.abs(images[0]!.probabilities[0]! - 1 / (1 + Math.exp(-1))) < 1e-6);
});

test("the worst mistakes are wrong by most; the first image wins a tie", () => {
  const images = classifiedImages(scores, labels, 2);
  assert.deepEqual(
    worstMistakes(images, 2).map(({ index }) => index),
    [1, 4],
  );
  assert.deepEqual(
    worstMistakes(images, 9).map(({ index }) => index),
    [1, 4, 3],
  );
});

test("a mistake so sure that its probability rounds to 0 still has its place", () => {
  const sure = classifiedImages(Float32Array.of(0, 1000, 0, 2000), Uint8Array.of(0, 0), 2);
  assert.deepEqual(
    worstMistakes(sure, 2).map(({ index, lossNats }) => [index, lossNats]),
    [
      [1, 2000],
      [0, 1000],
    ],
  );
});

test("correct ones are the first of each class, not the best", () => {
  const images = classifiedImages(scores, labels, 2);
  assert.deepEqual(
    firstCorrect(images, 2, 1).map((row) => row.map(({ index }) => index)),
    [[0], []],
  );
});

test("images whose scores are not numbers are left out", () => {
  const broken = Float32Array.of(1, 0, Number.NaN, 0, Number.POSITIVE_INFINITY, 0);
  assert.deepEqual(
    classifiedImages(broken, Uint8Array.of(0, 0, 0), 2).map(({ index }) => index),
    [0],
  );
});
