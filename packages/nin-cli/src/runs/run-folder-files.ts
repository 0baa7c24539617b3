/** Reading and writing the files of a run so that none is ever half there. */
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "nin-net";

/** Names of the files that {@link replaceFile} writes first: a run's file, and what no other process comes up with. */
export const temporaryName = /\.[0-9a-f-]{36}\.part$/;

/**
 * Replaces a file: writes a temporary one beside it, flushes it to the disk, renames it, and flushes the folder.
 * Whatever ends the process meanwhile, even a power cut, the old or the new content is there, whole.
 *
 * @throws DataError if it cannot be written; the old content stays
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`;
  await writing(file, async () => {
    try {
      const handle = await open(temporary, "w");
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(file));
  });
}

/**
 * Adds to a file, which is made if need be.
 *
 * @throws DataError if it cannot be written
 */
export async function appendToFile(file: string, text: string): Promise<void> {
  await writing(file, () => withHandle(file, "a", (handle) => handle.appendFile(text)));
}

/** Flushes a file to the disk; one that is not there is none to flush. */
export async function syncFile(file: string): Promise<void> {
  await writing(file, async () => {
    try {
      await withHandle(file, "r+", (handle) => handle.sync());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  });
}

/** @throws DataError if it cannot be read; `fix` says what to do then, unless this user may not */
export async function contentOf(file: string, fix: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isDenied = code === "EACCES" || code === "EPERM";
    const advice = isDenied ? "Change its permissions so that this user may read it." : fix;
    throw new DataError(`${file}: cannot be read (${code}). ${advice}`, { cause });
  }
}

/** @throws DataError naming the file if the work fails */
export async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    const fix =
      code === "ENOSPC" ? "Free some space on the disk." : "Choose a folder that can be written to.";
    throw new DataError(`${file}: cannot be written (${code}). ${fix}`, { cause });
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

async function withHandle(
  file: string,
  flags: string,
  work: (handle: Handle) => Promise<void>,
): Promise<void> {
  const handle = await open(file, flags);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

/** Makes a rename last. Windows cannot flush a folder, and needs not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  await withHandle(folder, "r", (handle) => handle.sync());
}
