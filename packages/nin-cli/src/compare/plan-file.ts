import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError, makeFolders, parseRecipe, type Recipe } from "nin-net";
import { contentOf, replaceFile, writing } from "../runs/run-folder-files.ts";
import { checkUnused } from "../runs/run-path.ts";

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
  const file = join(folder, planName);
  if (!existsSync(file)) {
    await checkUnused(folder, "a comparison");
    return null;
  }
  const advice = "Put the file back as it was, or choose a new --out.";
  const text = (await contentOf(file, advice)).toString("utf8");
  let plan: Partial<KeptPlan> | null;
  try {
    plan = JSON.parse(text) as Partial<KeptPlan> | null;
  } catch {
    throw new DataError(`${file}: is not JSON. ${advice}`);
  }
  const { dataset, testImages, recipes } = plan ?? {};
  if (typeof dataset !== "string" || !Number.isInteger(testImages) || typeof recipes !== "object") {
    throw new DataError(
      `${file}: got no dataset, testImages and recipes, expected a comparison's plan. ${advice}`,
    );
  }
  try {
    const parsed = Object.entries(recipes).map(([net, recipe]) => [net, parseRecipe(recipe)] as const);
    return { dataset, testImages: testImages!, recipes: Object.fromEntries(parsed) };
  } catch (cause) {
    throw new DataError(`${file}: ${(cause as Error).message} ${advice}`, { cause });
  }
}

/** @throws DataError if it cannot be written */
export async function writePlan(folder: string, plan: KeptPlan): Promise<void> {
  await writing(folder, () => makeFolders(folder));
  await replaceFile(join(folder, planName), `${JSON.stringify(plan, null, 2)}\n`);
}
