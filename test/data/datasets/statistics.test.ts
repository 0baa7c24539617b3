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
    const { train, ...given } = await loadDataset(name);
    for (let channel = 0; channel < train.channels; channel++) {
      const counts = new Float64Array(256);
      for (let i = channel; i < train.images.length; i += train.channels) counts[train.images[i]!]!++;
      const total = train.images.length / train.channels;
      const mean = counts.reduce((sum, count, level) => sum + (count * level) / 255, 0) / total;
      const variance =
        counts.reduce((sum, count, level) => sum + count * (level / 255 - mean) ** 2, 0) / total;
      const agree = (value: number, found: number, what: string) => {
        const tolerance = borrowed[name] ?? Math.max(1e-6, halfDigit(value) * 1.01);
        assert.ok(
          Math.abs(value - found) < tolerance,
          `${what} of channel ${channel}: ${found}, given ${value}`,
        );
      };
      agree(given.mean![channel]!, mean, "mean");
      agree(given.std![channel]!, Math.sqrt(variance), "standard deviation");
    }
  });
}

test("a data set goes by its aliases too", async () => {
  assert.equal((await loadDataset("drawn")).name, "synthetic");
});
