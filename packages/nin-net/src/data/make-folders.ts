import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it that are missing; one that is there already is left as it is.
 *
 * Not `mkdir` with `recursive`: where a file system answers ENOENT for a new entry in a folder that exists, as
 * /proc does, that tries forever.
 *
 * @throws the system's error, with its `code`
 */
export async function makeFolders(path: string): Promise<void> {
  const folder = resolve(path);
  const parent = dirname(folder);
  try {
    await makeFolder(folder);
  } catch (error) {
    // The root of a drive that does not exist is its own parent.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === folder) throw error;
    await makeFolders(parent);
    await makeFolder(folder);
  }
}

/** One that is there already may be another process's; a file of that name is an error. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
  }
}
