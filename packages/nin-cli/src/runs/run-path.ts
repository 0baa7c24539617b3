import { existsSync, statSync } from "node:fs";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError, makeFolders } from "nin-net";
import { temporaryName, writing } from "./run-folder-files.ts";
import { lockName } from "./run-folder-lock.ts";

/**
 * Makes a folder for a run that nobody has named: `runs/fashion-mnist-20261124-105212`, by the local clock; where
 * another process has made it within the same second, `...-2` and so on.
 *
 * @throws DataError if it cannot be made
 */
export async function newRunFolder(dataset: string, now = new Date()): Promise<string> {
  const name = defaultRunPath(dataset, now);
  return writing(name, async () => {
    await makeFolders(dirname(name));
    for (let n = 1; ; n++) {
      const path = n === 1 ? name : `${name}-${n}`;
      try {
        await mkdir(path);
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  });
}

function defaultRunPath(about: string, now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  return `runs/${about.replaceAll(/[\\/]/g, "")}-${date}-${time}`;
}

/** What a run's process prints, where another one has started it. */
export const logName = "train.log";

/** Whether a file says nothing of a run: what a process leaves that was killed before it had begun one. */
function isLeftover(name: string): boolean {
  return name === lockName || name === logName || temporaryName.test(name);
}

/**
 * Makes sure that a run written there overwrites nothing.
 *
 * @param what - is to be written, for messages
 * @throws DataError unless the path is a new folder or one without anything of a run
 */
export async function checkUnused(path: string, what = "a run"): Promise<void> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    if (code === "ENOTDIR") {
      const file = await fileOnTheWay(path);
      const within = file === path ? "" : `, so ${path} cannot be made in it`;
      throw new DataError(
        `--out: ${file} is a file${within}, expected a new or an empty folder. Choose another path.`,
      );
    }
    throw error;
  }
  if (!names.every(isLeftover)) {
    throw new DataError(`--out: ${path} is not empty, and ${what} overwrites nothing. Choose a new folder.`);
  }
}

/** The path itself, or the nearest above it that is there. */
async function fileOnTheWay(path: string): Promise<string> {
  const parent = dirname(path);
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  return isThere || parent === path ? path : fileOnTheWay(parent);
}

/** @throws DataError if there is no folder at the path of a run */
export function checkExists(path: string): void {
  if (!existsSync(path)) {
    throw new DataError(`${path}: no such folder, expected a run's, as nin train names it at its end.`);
  }
  if (!statSync(path).isDirectory()) {
    throw new DataError(`${path}: is a file, expected a run's folder, as nin train names it at its end.`);
  }
}
