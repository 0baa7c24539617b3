// node bench/serve.mjs: what batching does for nin serve under load on loopback. See --help.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const help = `Usage: node bench/serve.mjs [options]

Puts nin serve under load, with and without batching, and prints a table.

Options:
  --run <folder>       whose network (default: one that nobody trained, at 224)
  --connections <n>    callers, each with one request at a time (default: 64)
  --seconds <n>        of load, each way (default: 15)
  --help               print this help

autocannon, which makes the load, comes with npm run bench:install.`;

try {
  const { values } = parseArgs({
    options: {
      run: { type: "string" },
      connections: { type: "string", default: "64" },
      seconds: { type: "string", default: "15" },
      help: { type: "boolean" },
    },
  });
  if (values.help) console.log(help);
  else await compare(values.run, await load(values));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

/** How many call for how long, and by what: autocannon, which whoever asks for help may not have installed. */
async function load(values) {
  const [connections, seconds] = ["connections", "seconds"].map((name) => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number > 0) return number;
    throw new Error(`--${name}: got "${values[name]}", expected a whole number above 0.`);
  });
  try {
    return { connections, seconds, autocannon: (await import("autocannon")).default };
  } catch (cause) {
    throw new Error("autocannon is not installed. Run npm run bench:install.", { cause });
  }
}

async function compare(given, load) {
  const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
  try {
    const run = given ?? (await untrainedRun(join(folder, "run")));
    const [{ model }] = os.cpus();
    console.log(
      `${model}, ${os.availableParallelism()} threads, Node ${process.version}; ` +
        `${load.connections} connections for ${load.seconds} s each way; the load is made on the same machine`,
    );
    console.table([await measure(run, 1, load), await measure(run, 32, load)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Speed does not depend on what the weights are. */
async function untrainedRun(path) {
  const { NinNet } = await import("../packages/nin-net/dist/models/nin.js");
  const { presets } = await import("../packages/nin-net/dist/train/recipe.js");
  const { RunFolder } = await import("../packages/nin-cli/dist/runs/run-folder.js");
  const run = await RunFolder.create(path, { recipe: presets.tutorial, versions: {}, datasetChecksum: null });
  await run.saveCheckpoint(new NinNet(), { epoch: 0, step: 0 });
  return path;
}

async function measure(run, maxBatch, { autocannon, connections, seconds }) {
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
    const line = await Promise.race([once(server.stdout, "data"), once(server, "close")]);
    if (server.exitCode !== null) throw new Error("nin serve did not start.");
    const { url } = JSON.parse(String(line[0]));
    const image = Array.from({ length: 28 }, (_, y) => Array.from({ length: 28 }, (_, x) => (x * y) % 256));
    const result = await autocannon({
      url: `${url}/v1/predict`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ image }),
      connections,
      duration: seconds,
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
