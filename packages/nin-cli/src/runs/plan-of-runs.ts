/** The file by which a folder of several runs says what they are. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "nin-net";
import { contentOf } from "./run-folder-files.ts";
import { checkUnused } from "./run-path.ts";

/** What to do about a file that is damaged. */
export const planAdvice = "Put the file back as it was, or choose a new --out.";

/**
 * What the file holds.
 *
 * @param what - the folder is of, for messages
 * @returns null if the folder is new or empty; `plan` has not been checked
 * @throws DataError if the folder holds something else, or the file is not JSON
 */
export async function readPlanOfRuns(
  folder: string,
  name: string,
  what: string,
): Promise<{ readonly file: string; readonly plan: unknown } | null> {
  const file = join(folder, name);
  if (!existsSync(file)) {
    await checkUnused(folder, what);
    return null;
  }
  const text = (await contentOf(file, planAdvice)).toString("utf8");
  try {
    return { file, plan: JSON.parse(text) as unknown };
  } catch {
    throw new DataError(`${file}: is not JSON. ${planAdvice}`);
  }
}
