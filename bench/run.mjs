// npm run bench: nin-net and its peers in one interleaved run. See --help.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { contestants, tables } from "./contestants.mjs";
import { aboutHere, checkBuilt, root, runWith, storeImages, writeReport } from "./here.mjs";
import { onnxModel } from "./onnx-model.mjs";
import { readCommandLine } from "./options.mjs";
import { race } from "./race.mjs";
import { reportOf } from "./report.mjs";

/** Images that are kept ready: as many as the largest batch. */
const storedImages = 256;

await runWith(readCommandLine, bench);

async function bench(settings) {
  checkBuilt();
  const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
  try {
    const modelOf = (net) => join(folder, `series-${net}.onnx`);
    const files = { images: join(folder, "images"), model: join(folder, "nin.onnx"), modelOf };
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
    const about = { ...(await aboutHere()), images, ...pick(settings) };
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
  writeReport("bench", "docs/performance.md", report, ["docs/performance.json"]);
}

/** Where the time of a training step goes, as nin profile prints it. */
function profileHere({ batch, threads }) {
  const args = ["bin/nin.js", "profile", "--batch-size", batch, "--threads", threads].map(String);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`nin profile failed: ${stderr.trim()}`);
  return stdout.trimEnd();
}

function pick({ batch, threads, rounds }) {
  return { batch, threads, rounds };
}
