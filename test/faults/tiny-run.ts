/**
 * A short run in a folder, as `nin train` makes one but with a small network, so that it can be ended many times:
 *
 *     node build/test/faults/tiny-run.js <folder> <begin | resume> <threads>
 *
 * Prints `begun` once the folder has its settings, ends with status 1 and the message of what went wrong.
 */

import { CurvesWriter } from "#nin-cli/runs/curves-writer.js";
import { ResumedRun } from "#nin-cli/runs/resumed-run.js";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { RunRecorder } from "#nin-cli/runs/run-recorder.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { syntheticSplit } from "#nin-net/data/datasets/synthetic.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import type { Recipe } from "#nin-net/train/recipe.js";
import { train } from "#nin-net/train/train.js";
import { smallRecipe } from "../small-recipe.js";
import { tinyNet } from "./tiny-net.js";

const recipe: Recipe = {
  ...smallRecipe,
  dataset: "synthetic",
  epochs: 3,
  batchSize: 8,
  lr: 0.05,
  resize: 28,
  limit: 52, // seven steps an epoch, the last one short
  seed: 11,
};

async function run(folder: string, action: string, threads: number): Promise<void> {
  using resumed = action === "resume" ? await ResumedRun.open(folder, () => ({})) : undefined;
  using device = await openDevice("cpu", { threads });
  const versions = { "nin-net": "tiny" };
  using run = resumed?.run ?? (await RunFolder.create(folder, { recipe, versions, datasetChecksum: null }));
  const { before, resume } = (await resumed?.rewind()) ?? { before: [], resume: undefined };
  const recorder = new RunRecorder(run, {
    before,
    checkpointEveryMinutes: 1e-6,
    keepsEpochs: true,
  });
  const curves = new CurvesWriter(run, { title: "Tiny", subtitle: [] }, before);
  console.log("begun");
  const { batchSize, limit, seed } = recipe;
  const trainIter = new DataIterator(syntheticSplit(2, 0, 52), { batchSize, limit, seed, shuffle: true });
  const testIter = new DataIterator(syntheticSplit(2, 1, 30), { batchSize });
  // What goes on from a checkpoint must not depend on the weights that its network happens to have.
  manualSeed(resume === undefined ? 1 : 99);
  const options = { device, callbacks: [recorder, curves], resume, onDivergence: "rollback" } as const;
  for await (const _event of train(tinyNet(), trainIter, testIter, recipe, options));
}

const [folder, action, threads] = process.argv.slice(2);
try {
  await run(folder!, action!, Number(threads));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
