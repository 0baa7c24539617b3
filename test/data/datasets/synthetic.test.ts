import assert from "node:assert/strict";
import { test } from "node:test";
import type { Split } from "#nin-net/data/dataset.js";
import { syntheticDataset, syntheticSplit } from "#nin-net/data/datasets/synthetic.js";

test("6,000 training and 1,000 test images, as many of each class, the same every time", async () => {
  const first = await syntheticDataset();
  assert.equal(first.source, "generated");
  assert.match(first.checksum, /^[0-9a-f]{64}$/);
  for (const [split, count] of [
    [first.train, 6000],
    [first.test, 1000],
  ] as const) {
    assert.equal(split.count, count);
    assert.equal(split.images.length, count * 784);
    const ofClass = Array.from({ length: 10 }, (_, c) => split.labels.filter((label) => label === c).length);
    assert.deepEqual(ofClass, Array(10).fill(count / 10));
  }
  assert.deepEqual(syntheticSplit(0, 1, 1000), first.test);
});

test("drawing lets other tasks in, so that a signal is heard", async () => {
  // Counted, not timed: on a loaded machine there are more pauses, not fewer.
  let tasks = 0;
  let timer = setImmediate(function next() {
    tasks++;
    timer = setImmediate(next);
  });
  try {
    await syntheticDataset();
  } finally {
    clearImmediate(timer);
  }
  assert.ok(tasks >= 10, `${tasks} tasks`);
});

test("seed and split decide the images", () => {
  const draw = (seed: number, part: number) => syntheticSplit(seed, part, 20).images;
  assert.deepEqual(draw(3, 0), draw(3, 0));
  assert.notDeepEqual(draw(3, 0), draw(4, 0));
  assert.notDeepEqual(draw(3, 0), draw(3, 1));
});

test("every image shows something on a black ground, no two alike", () => {
  const { images, count } = syntheticSplit(0, 0, 500);
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * 784, (i + 1) * 784);
    const lit = image.filter((level) => level > 20).length;
    assert.ok(lit > 25 && lit < 700, `image ${i} lights ${lit} pixels`);
    seen.add(image.join());
  }
  assert.equal(seen.size, count);
});

test("the classes can be told apart, but not by their mean images alone", () => {
  const accuracy = nearestMean(syntheticSplit(0, 0, 2000), syntheticSplit(0, 1, 500));
  assert.ok(accuracy > 0.4 && accuracy < 0.9, `nearest mean image: ${accuracy}`);
});

/** The share of test images whose nearest class mean is their own class's. */
function nearestMean(train: Split, tested: Split): number {
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  for (let i = 0; i < train.count; i++) {
    const mean = means[train.labels[i]!]!;
    for (let p = 0; p < 784; p++) mean[p]! += train.images[i * 784 + p]! / (train.count / 10);
  }
  let right = 0;
  for (let i = 0; i < tested.count; i++) {
    const distances = means.map((mean) =>
      mean.reduce((sum, value, p) => sum + (value - tested.images[i * 784 + p]!) ** 2, 0),
    );
    if (distances.indexOf(Math.min(...distances)) === tested.labels[i]) right++;
  }
  return right / tested.count;
}
