/**
 * How much address space this process may still reserve (`ulimit -v`, `LimitAS=`), in bytes; infinite without a limit,
 * or where the system does not say.
 */
export function addressSpaceLeft(): number {
  if (globalThis.process?.platform !== "linux") return Number.POSITIVE_INFINITY;
  try {
    const fs = globalThis.process.getBuiltinModule("node:fs");
    const limit = /^Max address space +(\d+)/m.exec(fs.readFileSync("/proc/self/limits", "utf8"));
    if (limit === null) return Number.POSITIVE_INFINITY;
    const used = /^VmSize:\s+(\d+) kB/m.exec(fs.readFileSync("/proc/self/status", "utf8"));
    return Number(limit[1]) - 1024 * Number(used?.[1] ?? 0);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** What an engine reserves for a worker: some 0.85 GB, most of which is never used. */
const bytesPerWorker = 1e9;
/** What is left for the heap of the calling thread, and for the code of the kernels. */
const bytesForOthers = 0.5e9;

/** How many of so many workers there is room for; an engine that lacks it ends the whole process. */
export function workersThatFit(workers: number, bytesLeft = addressSpaceLeft()): number {
  return Math.max(0, Math.min(workers, Math.floor((bytesLeft - bytesForOthers) / bytesPerWorker)));
}
