import assert from "node:assert/strict";
import { test } from "node:test";
import { datasetNames, datasets } from "#nin-net/data/datasets.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { realData } from "../real-data.js";

for (const name of datasetNames) {
  const { kind } = datasets[name];
  const skip = kind === "files" ? realData(name).skip : false;
  test(`mean and standard deviation of ${name} are those of its training images`, { skip }, async () => {
    const { train, mean, std } = await loadDataset(name);
    const values = Float64Array.from(train.images, (level) => level / 255);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    assert.ok(Math.abs(mean![0]! - average) < 1e-6, `mean ${average}`);
    assert.ok(Math.abs(std![0]! - Math.sqrt(variance)) < 1e-6, `std ${Math.sqrt(variance)}`);
  });
}

test("a data set goes by its aliases too", async () => {
  assert.equal((await loadDataset("drawn")).name, "synthetic");
});
