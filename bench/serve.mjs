// node bench/serve.mjs: what batching does for nin serve under load on loopback. See --help.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import autocannon from "autocannon";

const root = fileURLToPath(new URL("..", import.meta.url));
const help = `Usage: node bench/serve.mjs [options]

Puts nin serve under load, with and without batching, and prints a table.

Options:
  --run <folder>       whose network (default: one that nobody trained, at 224)
  --connections <n>    callers, each with one request at a time (default: 64)
  --seconds <n>        of load, each way (default: 15)
  --help               print this help

autocannon, which makes the load, comes with npm run bench:install.`;

const { values } = parseArgs({
  options: {
    run: { type: "string" },
    connections: { type: "string", default: "64" },
    seconds: { type: "string", default: "15" },
    help: { type: "boolean" },
  },
});
if (values.help) console.log(help);
else await compare();

async function compare() {
  const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
  try {
    const run = values.run ?? (await untrainedRun(join(folder, "run")));
    const [{ model }] = os.cpus();
    console.log(
      `${model}, ${os.availableParallelism()} threads, Node ${process.version}; ` +
        `${values.connections} connections for ${values.seconds} s each way; the load is made on the same machine`,
    );
    console.table([await measure(run, 1), await measure(run, 32)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Speed does not depend on what the weights are. */
async function untrainedRun(path) {
  const { NinNet } = await import("../dist/nn/nin.js");
  const { presets } = await import("../dist/train/recipe.js");
  const { RunFolder } = await import("../dist/train/run-folder.js");
  const run = await RunFolder.create(path, { recipe: presets.tutorial, versions: {}, datasetChecksum: null });
  await run.saveCheckpoint(new NinNet(), { epoch: 0, step: 0 });
  return path;
}

async function measure(run, maxBatch) {
  const args = [
    join(root, "bin/nin.js"),
    "serve",
    run,
    "--port",
    "0",
    "--json",
    "--max-batch",
    String(maxBatch),
  ];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(server.stdout, "data");
    const { url } = JSON.parse(String(line));
    const image = Array.from({ length: 28 }, (_, y) => Array.from({ length: 28 }, (_, x) => (x * y) % 256));
    const result = await autocannon({
      url: `${url}/v1/predict`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ image }),
      connections: Number(values.connections),
      duration: Number(values.seconds),
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const metric = (name) => Number(new RegExp(`^${name} (.*)$`, "m").exec(metrics)?.[1]);
    return {
      "images at once, at most": maxBatch,
      "on average": Number((metric("nin_batch_images_sum") / metric("nin_batch_images_count")).toFixed(1)),
      "answers/s": Number((result["2xx"] / result.duration).toFixed(1)),
      "p50 ms": result.latency.p50,
      "p99 ms": result.latency.p99,
      refused: result.non2xx,
      errors: result.errors + result.timeouts,
    };
  } finally {
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "close");
  }
}
