import assert from "node:assert/strict";
import { test } from "node:test";
import { testSetOf } from "#nin-cli/compare/test-set.js";
import { imagesAt } from "#nin-net/data/dataset.js";
import { images } from "./fixture.js";

test("the first images are the same set, however many more there are", async () => {
  const [six, ten] = [await images(6), await images(10)];
  const { split, digest } = testSetOf(ten, 6);
  assert.deepEqual([split.count, split.labels.length], [6, 6]);
  assert.deepEqual(imagesAt(split, Uint32Array.of(5)), imagesAt(ten.test, Uint32Array.of(5)));
  assert.equal(digest, testSetOf(six, 100).digest);
  assert.notEqual(digest, testSetOf(ten, 10).digest);
});

test("another pixel, or another label, is another set", async () => {
  const data = await images(6);
  const { digest } = testSetOf(data, 6);
  const changed = await images(6);
  changed.test.images[6 * 784 - 1]! ^= 1;
  assert.notEqual(testSetOf(changed, 6).digest, digest);
  const labels = data.test.labels.slice();
  labels[5] = 0;
  assert.notEqual(testSetOf({ ...data, test: { ...data.test, labels } }, 6).digest, digest);
});

test("images that are read from a file are the same set as in memory", async () => {
  const ten = await images(10);
  const { labels, count, channels, height, width } = ten.test;
  const streamed = {
    labels,
    count,
    channels,
    height,
    width,
    read: (at: Uint32Array) => imagesAt(ten.test, at),
  };
  const set = testSetOf({ ...ten, test: streamed }, 6);
  assert.equal(set.split.count, 6);
  assert.equal(set.digest, testSetOf(ten, 6).digest);
});
