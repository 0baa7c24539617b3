import { join } from "node:path";
import type { TestContext } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { NinNet } from "#nin-net/models/nin.js";
import { smallRecipe } from "../small-recipe.js";
import { temporaryFolder } from "./run-nin.js";

/** A run as training on small drawn images leaves it, with weights that nobody trained. */
export async function untrainedRun(t: TestContext): Promise<string> {
  const path = join(temporaryFolder(t), "a run");
  const recipe = { ...smallRecipe, dataset: "synthetic", resize: 67 } as const;
  const run = await RunFolder.create(path, { recipe, versions: {}, datasetChecksum: null });
  await run.saveCheckpoint(new NinNet(), { epoch: 1, step: 0 });
  return path;
}
