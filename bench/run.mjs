// npm run bench: nin-net and its peers in one interleaved run. See --help.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contestants, tables } from "./contestants.mjs";
import { onnxModel } from "./onnx-model.mjs";
import { readCommandLine } from "./options.mjs";
import { race } from "./race.mjs";
import { reportOf, withReport } from "./report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Images that are kept ready: as many as the largest batch. */
const storedImages = 256;

try {
  const settings = readCommandLine(process.argv.slice(2));
  if (settings.help) console.log(settings.help);
  else await bench(settings);
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

async function bench(settings) {
  if (!existsSync(join(root, "dist", "index.js")))
    throw new Error("nin-net is not built yet. Run npm run build.");
  const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
  try {
    const files = { images: join(folder, "images"), model: join(folder, "nin.onnx") };
    const images = await storeImages(files.images, Math.max(storedImages, settings.batch));
    writeFileSync(files.model, onnxModel());

    const { list, skipped } = contestants(settings, files);
    if (list.length === 0) throw new Error(["--only: no contestant is left.", ...skipped].join("\n"));
    const rows = [];
    // Table after table: processes that wait still hold memory.
    for (const table of Object.keys(tables)) {
      const entries = list.filter((entry) => entry.table === table);
      const result = await race(entries, settings.rounds, (line) => console.error(line));
      rows.push(...result.rows);
      skipped.push(...result.failed);
    }
    const about = { ...aboutHere(), images, ...pick(settings) };
    const isFull = !settings.quick && !settings.only;
    const profile = isFull ? profileHere(settings) : undefined;
    const report = reportOf({ about, rows, skipped, profile });
    console.log(report);
    if (isFull) keep(report, { about, rows, skipped });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function keep(report, result) {
  writeFileSync(join(root, "docs", "performance.json"), `${JSON.stringify(result, null, 2)}\n`);
  const page = join(root, "docs", "performance.md");
  writeFileSync(page, withReport(readFileSync(page, "utf8"), report));
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const format = ["format", "--write", "docs/performance.json", "docs/performance.md"];
  const { status, stderr } = spawnSync(process.execPath, [biome, ...format], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`docs/performance.* could not be formatted: ${stderr.trim()}`);
}

/** Pixels, then labels: real images where they are found, else drawn ones. @returns what they are */
async function storeImages(file, count) {
  const { loadDataset } = await import("../dist/data/load-dataset.js");
  const dataset = await loadDataset("fashion-mnist", { download: false }).catch(() => loadDataset("drawn"));
  const { images, labels } = dataset.train;
  writeFileSync(file, Buffer.concat([images.subarray(0, 784 * count), labels.subarray(0, count)]));
  return `images of ${dataset.title}`;
}

/** Where the time of a training step goes, as nin profile prints it. */
function profileHere({ batch, threads }) {
  const args = ["bin/nin.js", "profile", "--batch-size", batch, "--threads", threads].map(String);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`nin profile failed: ${stderr.trim()}`);
  return stdout.trimEnd();
}

function aboutHere() {
  const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
  const changed = git("status", "--porcelain", "--", "src", "assembly") === "" ? "" : " and changes since";
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.cpus()[0].model.trim()}, ${os.cpus().length} cores, ${memory} GiB, ${os.type()} ${os.arch()}`,
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${changed}`,
    version,
  };
}

function pick({ batch, threads, rounds }) {
  return { batch, threads, rounds };
}
