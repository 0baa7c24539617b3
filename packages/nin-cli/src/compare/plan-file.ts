import { join } from "node:path";
import { DataError, makeFolders, parseRecipe, type Recipe } from "nin-net";
import { planAdvice, readPlanOfRuns } from "../runs/plan-of-runs.ts";
import { replaceFile, writing } from "../runs/run-folder-files.ts";

/** What the networks of a comparison are trained by; kept, so that it goes on as it was begun. */
export interface KeptPlan {
  readonly dataset: string;
  /** The first so many test images are classified after each epoch. */
  readonly testImages: number;
  /** By network. */
  readonly recipes: Readonly<Record<string, Recipe>>;
}

const planName = "plan.json";
/** The folder with the recipe of each run, for the process that trains it. */
export const recipesName = "recipes";

/**
 * The plan of a comparison's folder.
 *
 * @returns null if the folder is new or empty
 * @throws DataError if it holds something else, or a damaged plan
 */
export async function readPlan(folder: string): Promise<KeptPlan | null> {
  const read = await readPlanOfRuns(folder, planName, "a comparison");
  if (read === null) return null;
  const { file } = read;
  const plan = read.plan as Partial<KeptPlan> | null;
  const { dataset, testImages, recipes } = plan ?? {};
  if (typeof dataset !== "string" || !Number.isInteger(testImages) || typeof recipes !== "object") {
    throw new DataError(
      `${file}: got no dataset, testImages and recipes, expected a comparison's plan. ${planAdvice}`,
    );
  }
  try {
    const parsed = Object.entries(recipes).map(([net, recipe]) => [net, parseRecipe(recipe)] as const);
    return { dataset, testImages: testImages!, recipes: Object.fromEntries(parsed) };
  } catch (cause) {
    throw new DataError(`${file}: ${(cause as Error).message} ${planAdvice}`, { cause });
  }
}

/** @throws DataError if it cannot be written */
export async function writePlan(folder: string, plan: KeptPlan): Promise<void> {
  await writing(folder, () => makeFolders(folder));
  await replaceFile(join(folder, planName), `${JSON.stringify(plan, null, 2)}\n`);
}
