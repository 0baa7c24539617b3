/** The genuine data sets, where a machine has them. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder in NIN_DATA_DIR, or why tests on real data are skipped. */
export function realData(name: string): { dir: string; skip: false } | { skip: string } {
  const dir = process.env.NIN_DATA_DIR;
  if (!dir) return { skip: `NIN_DATA_DIR names no folder with the real ${name}` };
  if (!existsSync(join(dir, name))) return { skip: `${dir} holds no ${name}` };
  return { dir, skip: false };
}
