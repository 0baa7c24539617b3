/** Reading and writing the files of a run so that none is ever half there. */
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError, flushFile, flushFolder, systemReason } from "nin-net";

/** Names of the files that {@link replaceFile} writes first: a run's file, and what no other process comes up with. */
export const temporaryName = /\.[0-9a-f-]{36}\.part$/;

/**
 * Replaces a file: writes a temporary one beside it, flushes it to the disk, renames it, and flushes the folder.
 * Whatever ends the process meanwhile, even a power cut, the old or the new content is there, whole. Where the file
 * system cannot flush folders, that step is left out.
 *
 * @param content - pieces may come from the file itself: it is read until the last of them is written
 * @throws DataError if it cannot be written; the old content stays
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array | AsyncIterable<string>,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`;
  await writing(file, async () => {
    try {
      const handle = await open(temporary, "w");
      try {
        await handle.writeFile(content);
        await flushFile(handle);
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await flushFolder(dirname(file));
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
      await withHandle(file, "r+", flushFile);
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
    throw unreadable(file, fix, cause as NodeJS.ErrnoException);
  }
}

/** No line of a run's files is nearly as long; without a limit a damaged file would be read into memory whole. */
const longestLineBytes = 16 * 2 ** 20;

/**
 * Reads a file of any size line by line, in the memory that a line and a piece of the file take. Only line feeds end
 * lines: `readline` takes U+2028 for an end too, which JSON texts may hold.
 *
 * @returns the lines of one piece of the file after the other; a last line without a line feed is left out
 * @throws DataError if it cannot be read, as {@link contentOf}, or a line is longer than 16 MiB
 */
export async function* wholeLines(file: string, fix: string): AsyncGenerator<string[]> {
  let count = 0;
  let begun: Buffer[] = []; // of a line whose end has not been read yet
  let begunBytes = 0;
  const stream = createReadStream(file);
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      const end = piece.lastIndexOf(lineFeed) + 1;
      if (end > 0) {
        const lines = Buffer.concat([...begun, piece.subarray(0, end - 1)])
          .toString("utf8")
          .split("\n");
        count += lines.length;
        begun = [];
        begunBytes = 0;
        yield lines;
      }
      begun.push(piece.subarray(end));
      begunBytes += piece.length - end;
      if (begunBytes > longestLineBytes) {
        throw new DataError(
          `${file}: line ${count + 1} is longer than 16 MiB. The run is damaged; train again.`,
        );
      }
    }
  } catch (error) {
    throw error instanceof DataError ? error : unreadable(file, fix, error as NodeJS.ErrnoException);
  } finally {
    stream.destroy();
  }
}

const lineFeed = 0x0a;

function unreadable(file: string, fix: string, cause: NodeJS.ErrnoException): DataError {
  const { code } = cause;
  const isDenied = code === "EACCES" || code === "EPERM";
  const advice = isDenied ? "Change its permissions so that this user may read it." : fix;
  return new DataError(`${file}: cannot be read: ${systemReason(cause)}. ${advice}`, { cause });
}

/** @throws DataError naming the file if the work fails */
export async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { reason, fix } = whyUnwritable(file, cause as NodeJS.ErrnoException);
    throw new DataError(`${file}: cannot be written: ${reason}. ${fix}`, { cause });
  }
}

function whyUnwritable(file: string, cause: NodeJS.ErrnoException): { reason: string; fix: string } {
  switch (cause.code) {
    case "ENOENT": {
      const folder = dirname(file);
      return existsSync(folder)
        ? { reason: `the folder ${folder} takes no such file`, fix: "Choose another place." }
        : { reason: `the folder ${folder} does not exist`, fix: "Make it, or choose another place." };
    }
    case "ENOSPC":
    case "EDQUOT":
      return { reason: systemReason(cause), fix: "Free some, or choose another place." };
    default:
      return { reason: systemReason(cause), fix: "Choose a folder that can be written to." };
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
