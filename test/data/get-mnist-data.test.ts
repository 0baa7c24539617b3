import assert from "node:assert/strict";
import { test } from "node:test";
import { getMnistData } from "#nin-net/data/get-mnist-data.js";
import { smallEntry, TemporaryFolder, testSplit, trainSplit } from "./fixtures.js";

test("gives Fashion-MNIST in batches: training shuffled, test in order, the last batch kept", async () => {
  using folder = new TemporaryFolder();
  folder.writeDataset("fashion-mnist");
  const [train, tested] = await getMnistData(8, {
    resize: 56,
    seed: 3,
    dataDir: folder.path,
    dataset: smallEntry(),
  });
  assert.deepEqual([train.batchCount, train.shuffle, train.seed, train.count], [3, true, 3, 20]);
  assert.deepEqual([tested.batchCount, tested.shuffle, tested.count], [2, false, 10]);
  assert.deepEqual(
    Array.from(train, ([images]) => images.shape[0]),
    [8, 8, 4],
  );
  const labels = Array.from(tested, ([images, some]) => {
    assert.deepEqual(images.shape, [some.length, 1, 56, 56]);
    return [...some];
  });
  assert.deepEqual(labels.flat(), [...testSplit.labels]);
  assert.equal(train.split.labels.length, trainSplit.count);
});

test("limit cuts the training images, not the test images; testLimit those", async () => {
  const [train, tested] = await getMnistData(128, { dataset: "synthetic", limit: 300 });
  assert.deepEqual([train.count, train.batchCount, tested.count], [300, 3, 1000]);
  const [all, few] = await getMnistData(128, { dataset: "synthetic", testLimit: 200 });
  assert.deepEqual([all.count, few.count, few.batchCount], [6000, 200, 2]);
});
