import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCifar } from "#nin-net/data/formats/cifar.js";

/** Images of 1 x 2 pixels in three channels. */
const image = { channels: 3, height: 1, width: 2, classes: 10 };
const named = (...bytes: number[]) => ({ where: "f", bytes: Uint8Array.from(bytes) });

test("puts the three values of a pixel together, record after record and file after file", () => {
  const first = named(7, 11, 12, 21, 22, 31, 32, 0, 41, 42, 51, 52, 61, 62);
  const second = named(9, 1, 2, 3, 4, 5, 6);
  const split = parseCifar([first, second], image, { labels: 1 });
  assert.deepEqual([...split.labels], [7, 0, 9]);
  assert.deepEqual([...split.images], [11, 21, 31, 12, 22, 32, 41, 51, 61, 42, 52, 62, 1, 3, 5, 2, 4, 6]);
  assert.deepEqual([split.count, split.channels, split.height, split.width], [3, 3, 1, 2]);
});

test("of two labels either may be the class", () => {
  const file = named(3, 8, 1, 2, 3, 4, 5, 6);
  const labelsOf = (label: number) => [...parseCifar([file], image, { labels: 2, label }).labels];
  assert.deepEqual([labelsOf(0), labelsOf(1)], [[3], [8]]);
});

test("part of a record, no record and a label of no class are refused by the file's name", () => {
  const refuse = (bytes: number[], message: RegExp) =>
    assert.throws(
      () => parseCifar([named(1, 1, 2, 3, 4, 5, 6), named(...bytes)], image, { labels: 1 }),
      message,
    );
  refuse(
    [1, 1, 2, 3, 4, 5],
    /^DataError: f: got 6 bytes, expected a multiple of 7, the records of CIFAR's binary/,
  );
  refuse([], /^DataError: f: got 0 bytes, expected a multiple of 7/);
  refuse(
    [1, 1, 2, 3, 4, 5, 6, 10, 1, 2, 3, 4, 5, 6],
    /^DataError: f: got label 10 for image 1, expected 0 to 9\. The file is damaged or belongs to another data set: replace it\.$/,
  );
});
