/** One process at a time trains in a run's folder. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataError } from "nin-net";
import { writing } from "./run-folder-files.ts";

const lockName = "run.lock";
/** How long a lock without content is taken for one that is just being written. */
const writingMilliseconds = 1000;
const pollMilliseconds = 50;

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the words of its system; null where that cannot be told. */
  readonly began: string | null;
}

/**
 * Takes a run's folder for this process, until disposed of. The lock of a process that is no more is taken over.
 *
 * @throws DataError if another process has it, or the folder cannot be written to
 */
export async function lockRunFolder(path: string): Promise<Disposable> {
  const file = join(path, lockName);
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beginningOf(process.pid) });
  const unreadableUntil = performance.now() + writingMilliseconds;
  while (!(await create(file, own))) {
    const text = read(file);
    if (text === null) continue; // given back meanwhile
    const holder = parse(text);
    if (holder === null && performance.now() < unreadableUntil) {
      await sleep(pollMilliseconds);
      continue;
    }
    if (holder !== null && isAlive(holder)) throw inUse(path, file, holder);
    await remove(file, text);
  }
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld && read(file) === own) rmSync(file, { force: true });
      isHeld = false;
    },
  };
}

/** @returns false if there is one already */
async function create(file: string, content: string): Promise<boolean> {
  return writing(file, async () => {
    try {
      writeFileSync(file, content, { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}

/** Removes a lock if its content is still this. */
async function remove(file: string, content: string): Promise<void> {
  // Of several processes that found the same stale lock only one can rename it; another may have made a new one
  // since, which is put back.
  const aside = `${file}.${process.pid}`;
  await writing(file, async () => {
    try {
      renameSync(file, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    if (read(aside) === content) rmSync(aside);
    else renameSync(aside, file);
  });
}

function inUse(path: string, file: string, { pid, host }: Holder): DataError {
  const isHere = host === hostname();
  const where = isHere ? `process ${pid}` : `process ${pid} on ${host}`;
  const check = isHere ? "" : ` If that one is no more, remove ${file}.`;
  return new DataError(
    `${path}: ${where} trains in this folder. Wait for it or stop it, or choose another folder.${check}`,
  );
}

function isAlive({ pid, host, began }: Holder): boolean {
  // Of another machine's processes nothing can be told.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // A number may have been given to another process since.
  return began === null || began === beginningOf(pid);
}

/** Tells a process from a later one of the same number; null if the system does not say. */
function beginningOf(pid: number): string | null {
  if (process.platform !== "linux") return null;
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields 3 (state) and 22 (start), counted after the name in brackets, which may contain anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "ended, but not yet collected" : `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}

function parse(text: string): Holder | null {
  try {
    const { pid, host, began } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || pid! <= 0 || typeof host !== "string") return null;
    return { pid: pid!, host, began: typeof began === "string" ? began : null };
  } catch {
    return null;
  }
}

/** @returns null if there is no such file */
function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
