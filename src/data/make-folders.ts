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
  const missing: string[] = [];
  let folder = resolve(path);
  while (!(await exists(folder))) {
    missing.push(folder);
    folder = dirname(folder);
  }
  if (missing.length === 0) await mkdirUnlessThere(folder);
  for (const next of missing.reverse()) await mkdirUnlessThere(next);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}

/** Another process may have made it in the meantime; a file of that name is an error. */
async function mkdirUnlessThere(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
  }
}
