/** What Linux tells of this process. */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const isLinux = process.platform === "linux";
export const linuxOnly = isLinux ? false : "only Linux tells a process's threads and files in /proc";

export function threadCount(): number {
  return readdirSync("/proc/self/task").length;
}

export function descriptorCount(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Waits until a count has come down to a limit; ends with the last count, so that a test can say what it was. */
export async function settled(count: () => number, limit: number): Promise<number> {
  let last = count();
  for (let i = 0; last > limit && i < 200; i++) {
    await sleep(25);
    last = count();
  }
  return last;
}

/** Waits until a count no longer changes. */
export async function steady(count: () => number): Promise<number> {
  let last = count();
  for (let same = 0, i = 0; same < 10 && i < 200; i++) {
    await sleep(25);
    const now = count();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}
