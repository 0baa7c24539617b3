// What the benchmarks share: the machine they run on, the images they use, the page they write.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withReport } from "./report.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a benchmark with its settings, or prints their help; what goes wrong is one line and exit status 1. */
export async function runWith(readCommandLine, bench) {
  try {
    const settings = readCommandLine(process.argv.slice(2));
    if (settings.help) console.log(settings.help);
    else await bench(settings);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

/** @throws if there is nothing to measure yet */
export function checkBuilt() {
  if (!existsSync(join(root, "packages", "nin-net", "dist", "index.js")))
    throw new Error("nin-net is not built yet. Run npm run build.");
}

/** Date, machine, commit and version of a run. */
export async function aboutHere() {
  const { machineName } = await import("../packages/nin-cli/dist/report/machine.js");
  const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
  const changed = git("status", "--porcelain", "--", "packages") === "" ? "" : " and changes since";
  const { version } = JSON.parse(readFileSync(join(root, "packages", "nin-net", "package.json"), "utf8"));
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machineName(),
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${changed}`,
    version,
  };
}

/** Pixels, then labels: real images where they are found, else drawn ones. @returns what they are */
export async function storeImages(file, count) {
  const { loadDataset } = await import("../packages/nin-net/dist/data/load-dataset.js");
  const dataset = await loadDataset("fashion-mnist", { download: false }).catch(() => loadDataset("drawn"));
  const { images, labels } = dataset.train;
  writeFileSync(file, Buffer.concat([images.subarray(0, 784 * count), labels.subarray(0, count)]));
  return `images of ${dataset.title}`;
}

/** Puts a report between its marks on a page of docs/ and formats the page, and other files with it. */
export function writeReport(mark, page, report, otherFiles = []) {
  const path = join(root, page);
  writeFileSync(path, withReport(readFileSync(path, "utf8"), mark, report));
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const format = ["format", "--write", page, ...otherFiles];
  const { status, stderr } = spawnSync(process.execPath, [biome, ...format], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${page} could not be formatted: ${stderr.trim()}`);
}
