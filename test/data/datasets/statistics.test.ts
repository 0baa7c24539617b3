import assert from "node:assert/strict";
import { test } from "node:test";
import { type DatasetName, datasetNames, datasets } from "#nin-net/data/datasets.js";
import type { DatasetDefinition } from "#nin-net/data/definition.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { realData } from "../real-data.js";

/** Half a unit of the last digit given, for a value that is rounded to it. */
function halfDigit(value: number): number {
  const [, decimals = ""] = String(value).split(".");
  return 0.5 * 10 ** -decimals.length;
}

/** Given for another data set, whose images are these to within a few levels of grey. */
const borrowed: Partial<Record<DatasetName, number>> = { qmnist: 0.0005 };

for (const name of datasetNames) {
  const definition: DatasetDefinition = datasets[name];
  const skip = definition.kind === "files" ? realData(definition.folder ?? name).skip : false;
  test(`mean and standard deviation of ${name} are those of its training images`, { skip }, async () => {
    const { train, mean, std } = await loadDataset(name);
    for (let channel = 0; channel < train.channels; channel++) {
      const values = new Float64Array(train.images.length / train.channels);
      for (let i = 0; i < values.length; i++) values[i] = train.images[i * train.channels + channel]! / 255;
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      const agree = (given: number, found: number, what: string) => {
        const tolerance = borrowed[name] ?? Math.max(1e-6, halfDigit(given) * 1.01);
        assert.ok(
          Math.abs(given - found) < tolerance,
          `${what} of channel ${channel}: ${found}, given ${given}`,
        );
      };
      agree(mean![channel]!, average, "mean");
      agree(std![channel]!, Math.sqrt(variance), "standard deviation");
    }
  });
}

test("a data set goes by its aliases too", async () => {
  assert.equal((await loadDataset("drawn")).name, "synthetic");
});
