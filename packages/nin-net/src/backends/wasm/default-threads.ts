/** Threads that are used at most unless asked for more. */
const mostDefaultThreads = 16;

/** @returns the content of a file, or undefined where it cannot be read */
type ReadText = (path: string) => string | undefined;

/**
 * Threads that compute unless a number is given: as many as there are cores for this process, 16 at most, or its part of
 * them where others compute on the same cores. A CPU quota (`docker run --cpus`, `resources.limits.cpu`, `CPUQuota=`)
 * counts by whole cores, since threads beyond it are stopped in the middle of an instruction while the others wait for
 * them.
 *
 * @param sharers - processes that compute on these cores, this one included; default 1
 * @returns 1 to 16
 */
export function defaultThreads(sharers = 1): number {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  const cores = os ? os.availableParallelism() : (globalThis.navigator?.hardwareConcurrency ?? 1);
  const quota = globalThis.process?.platform === "linux" ? cpuQuota(readText) : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(mostDefaultThreads, Math.floor(Math.min(cores, quota) / sharers)));
}

/**
 * How many cores the control groups of this process allow it, by `cpu.max` (cgroup v2) or `cpu.cfs_quota_us` (v1) of
 * its own group and those above it; infinite without a limit.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 */
export function cpuQuota(read: ReadText): number {
  const groups = groupPaths(read("/proc/self/cgroup") ?? "");
  const mounts = cgroupMounts(read("/proc/self/mountinfo") ?? "");
  const limits = mounts.flatMap(({ version, root, folder }) => {
    const group = groups[version];
    if (group === undefined) return [];
    return foldersUpTo(folder, within(root, group)).map((path) => limitOf(path, version, read));
  });
  return Math.min(Number.POSITIVE_INFINITY, ...limits);
}

type Version = "v1" | "v2";

/** The group of this process in the unified hierarchy, and in that of the controller `cpu`. */
function groupPaths(text: string): Partial<Record<Version, string>> {
  const groups: Partial<Record<Version, string>> = {};
  for (const line of text.split("\n")) {
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (hierarchy === "0" && controllers === "") groups.v2 = path;
    else if (controllers!.split(",").includes("cpu")) groups.v1 = path;
  }
  return groups;
}

interface CgroupMount {
  readonly version: Version;
  /** The group that is mounted. */
  readonly root: string;
  /** Where it is mounted. */
  readonly folder: string;
}

/** @see proc_pid_mountinfo(5) */
function cgroupMounts(text: string): CgroupMount[] {
  return text.split("\n").flatMap((line): CgroupMount[] => {
    const [before, after] = line.split(" - ");
    const [, , , root, folder] = before!.split(" ");
    const [type, , options] = after?.split(" ") ?? [];
    if (root === undefined || folder === undefined) return [];
    if (type === "cgroup2") return [{ version: "v2", root, folder }];
    const isCpu = type === "cgroup" && options?.split(",").includes("cpu");
    return isCpu ? [{ version: "v1", root, folder }] : [];
  });
}

/** The part of a group's path below the group that is mounted; none where it lies outside, as in some containers. */
function within(root: string, group: string): readonly string[] {
  const [above, parts] = [root, group].map((path) => path.split("/").filter((part) => part !== ""));
  const isWithin = above!.every((part, i) => parts![i] === part) && !parts!.includes("..");
  return isWithin ? parts!.slice(above!.length) : [];
}

function foldersUpTo(folder: string, parts: readonly string[]): string[] {
  return [folder, ...parts.map((_, i) => `${folder}/${parts.slice(0, i + 1).join("/")}`)];
}

/** @returns cores */
function limitOf(folder: string, version: Version, read: ReadText): number {
  const texts =
    version === "v2"
      ? (read(`${folder}/cpu.max`)?.trim().split(/\s+/) ?? [])
      : [read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)];
  const [quota, period] = texts.map(Number);
  // "max" and -1 are no limit.
  return quota! > 0 && period! > 0 ? quota! / period! : Number.POSITIVE_INFINITY;
}

function readText(path: string): string | undefined {
  try {
    return globalThis.process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
