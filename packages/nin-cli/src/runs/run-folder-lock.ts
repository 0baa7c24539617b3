/** One process at a time trains in a run's folder. */
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataError } from "nin-net";
import { temporaryName, writing } from "./run-folder-files.ts";

/** The file that says which process has a folder. */
export const lockName = "run.lock";
/** How long a lock without content is taken for one that is just being written. */
const writingMilliseconds = 1000;
const pollMilliseconds = 50;
const patienceMilliseconds = 15_000;
/** Where Linux does not show a process its own. */
const unknownNamespace = "unknown";

/** Another process has the folder. */
class FolderInUseError extends DataError {}

/** Who holds a lock. */
interface Holder {
  /** Within its PID namespace. */
  readonly pid: number;
  readonly host: string;
  /** When the process started: the boot's id and the clock ticks since; null where the system does not say. */
  readonly began: string | null;
  /** The PID namespace, e.g. `pid:[4026531836]`; null on systems without, and by an older version. */
  readonly namespace: string | null;
  /** Identifies the installed system across boots; null where there is no such file, as in most containers. */
  readonly machine: string | null;
}

/**
 * Takes a run's folder for this process, until disposed of, and removes the temporary files of a process that was
 * killed while it wrote them. A stale lock is taken over: that of a process of this PID namespace that has ended, or
 * of an earlier boot of this machine. Whatever cannot be told, as of a process on another host or in another
 * container, counts as alive.
 *
 * @throws DataError if another process has it, or the folder cannot be written to
 */
export async function lockRunFolder(path: string): Promise<Disposable> {
  const file = join(path, lockName);
  const self: Holder = {
    pid: process.pid,
    host: hostname(),
    began: startOf(process.pid),
    namespace: pidNamespace(),
    machine: machineId(),
  };
  // Two processes may agree in everything else: PID 1 of two containers.
  const own = JSON.stringify({ ...self, nonce: randomUUID() });
  const unreadableUntil = performance.now() + writingMilliseconds;
  while (!(await create(file, own))) {
    const text = read(file);
    if (text === null) continue; // released meanwhile
    const holder = parse(text);
    if (holder === null && performance.now() < unreadableUntil) {
      await sleep(pollMilliseconds);
      continue;
    }
    if (holder !== null && mayBeAlive(holder, self)) throw inUse(path, file, holder, self);
    await remove(file, text);
  }
  removeTemporaryFiles(path);
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld && read(file) === own) rmSync(file, { force: true });
      isHeld = false;
    },
  };
}

/**
 * {@link lockRunFolder}, after some seconds of waiting if need be: a process whose parent was killed ends after its
 * step.
 *
 * @throws DataError as `lockRunFolder`; once the signal is aborted, at once
 */
export async function lockWhenFree(path: string, signal: AbortSignal): Promise<Disposable> {
  const until = performance.now() + patienceMilliseconds;
  for (;;) {
    try {
      return await lockRunFolder(path);
    } catch (error) {
      const isOver = signal.aborted || performance.now() > until;
      if (isOver || !(error instanceof FolderInUseError)) throw error;
      await sleep(pollMilliseconds);
    }
  }
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
  const aside = `${file}.${randomUUID()}`;
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

/** Left by a process that was killed; whoever holds the lock is the only one who writes here. */
function removeTemporaryFiles(path: string): void {
  for (const name of readdirSync(path)) {
    if (temporaryName.test(name)) rmSync(join(path, name), { force: true });
  }
}

function inUse(path: string, file: string, holder: Holder, self: Holder): FolderInUseError {
  const { pid, host, namespace } = holder;
  const isVisible = host === self.host && (namespace === null || namespace === self.namespace);
  const where =
    host !== self.host
      ? `process ${pid} on ${host}`
      : isVisible
        ? `process ${pid}`
        : `process ${pid} of another container`;
  const check = isVisible ? "" : ` If that process has ended, remove ${file}.`;
  return new FolderInUseError(
    `${path}: ${where} trains in this folder. Wait for it or stop it, or choose another folder.${check}`,
  );
}

/** False only where it is certain that the process has ended. */
function mayBeAlive({ pid, host, began, namespace, machine }: Holder, self: Holder): boolean {
  if (host !== self.host) return true;
  if (namespace !== null) {
    const isSameBoot = bootOf(began) !== null && bootOf(began) === bootOf(self.began);
    // Another boot of this machine, or a container of the same name on another one.
    if (!isSameBoot) return machine === null || machine !== self.machine;
    if (namespace !== self.namespace || namespace === unknownNamespace) return true;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // The number may have been given to another process since.
  return began === null || began === startOf(pid);
}

/** Tells a process from a later one of the same number; null if the system does not say. */
function startOf(pid: number): string | null {
  const boot = contentOf("/proc/sys/kernel/random/boot_id");
  const stat = contentOf(`/proc/${pid}/stat`);
  if (boot === null || stat === null) return null;
  // Fields 3 (state) and 22 (start), counted after the name in brackets, which may contain anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "ended, but not yet collected" : `${boot} ${fields[19]}`;
}

function bootOf(began: string | null): string | null {
  return began?.split(" ")[0] ?? null;
}

function pidNamespace(): string | null {
  if (process.platform !== "linux") return null;
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return unknownNamespace;
  }
}

/** @see https://www.freedesktop.org/software/systemd/man/latest/machine-id.html */
function machineId(): string | null {
  return contentOf("/etc/machine-id") || null;
}

/** Of a small file of the system; null where there is none. */
function contentOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}

function parse(text: string): Holder | null {
  try {
    const { pid, host, began, namespace, machine } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || pid! <= 0 || typeof host !== "string") return null;
    const known = (value: unknown) => (typeof value === "string" ? value : null);
    return {
      pid: pid!,
      host,
      began: known(began),
      namespace: known(namespace),
      machine: known(machine),
    };
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
