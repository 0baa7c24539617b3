// npm run bench [-- --batch 128 --threads 2 --rounds 5 --only train,forward --quick]
//
// One interleaved run: every contestant is a process of its own, and round after round each measures once while the
// others wait, so that all see the same machine. Medians go into docs/performance.json and, between its markers,
// docs/performance.md. Peers are installed by npm run bench:install; one that is missing is named as skipped.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const here = (file) => fileURLToPath(new URL(`contestants/${file}`, import.meta.url));
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const quick = process.argv.includes("--quick");
const batch = Number(option("batch", 128));
const threads = Number(option("threads", 2));
const rounds = Number(option("rounds", quick ? 2 : 5));
const only = option("only", "train,forward,latency,other").split(",");
const python = "/usr/bin/python3";

const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
const model = join(folder, "nin.onnx");
const skipped = [];

/** The Node that a shell would run here, outside npm scripts. */
function machineNode() {
  const paths = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
  const node = paths.map((path) => join(path, "node")).find((path) => existsSync(path));
  return node && { path: node, version: execFileSync(node, ["--version"], { encoding: "utf8" }).trim() };
}

function hasPeer(name) {
  try {
    createRequire(here("protocol.mjs")).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** All contestants: what they are called, what they run, which table they belong to. */
function contestants() {
  const pinned = process.execPath;
  const machine = machineNode();
  const torch = spawnSync(python, ["-c", "import torch"]).status === 0;
  const common = ["--threads", threads];
  const ours = (node, task, simd, count) => [
    node,
    here("ours.mjs"),
    "--task",
    task,
    "--simd",
    simd,
    "--batch",
    count,
    ...common,
  ];
  const pytorch = (task, format) => [
    python,
    here("pytorch.py"),
    "--task",
    task,
    "--format",
    format,
    "--batch",
    batch,
    ...common,
  ];
  const list = [];
  const add = (table, name, command, missing) => {
    if (!only.includes(table)) return;
    if (missing) skipped.push(`${name}: ${missing}`);
    else list.push({ table, name, command: command.map(String) });
  };
  const noTorch = torch ? "" : `${python} has no PyTorch (Debian: apt-get install python3-torch)`;
  const noPeer = (name) => (hasPeer(name) ? "" : `${name} is not installed (npm run bench:install)`);
  const nodes = [[`Node ${process.version.slice(1)}`, pinned, ["auto", "128"]]];
  if (machine && machine.version !== process.version)
    nodes.push([`Node ${machine.version.slice(1)}`, machine.path, ["128"]]);
  for (const task of ["train", "forward"]) {
    for (const [title, node, widths] of nodes) {
      for (const simd of widths) {
        add(
          task,
          `nin-net, ${title}, ${simd === "auto" ? "256" : simd}-bit SIMD`,
          ours(node, task, simd, batch),
        );
      }
    }
    add(task, "PyTorch, as the tutorial runs it", pytorch(task, "plain"), noTorch);
    add(task, "PyTorch, channels_last", pytorch(task, "channels_last"), noTorch);
  }
  const ort = (count) => [pinned, here("onnxruntime.mjs"), "--model", model, "--batch", count, ...common];
  const noModel = noPeer("onnxruntime-node") || noTorch;
  add("forward", "onnxruntime-node", ort(batch), noModel);
  for (const [title, node, widths] of nodes) {
    for (const simd of widths) {
      add(
        "latency",
        `nin-net, ${title}, ${simd === "auto" ? "256" : simd}-bit SIMD`,
        ours(node, "forward", simd, 1),
      );
    }
  }
  add("latency", "onnxruntime-node", ort(1), noModel);
  const tf = (...args) => [pinned, here("tensorflow.mjs"), ...args, "--batch", "1"];
  add(
    "other",
    "TensorFlow.js, wasm, forward, batch 1",
    tf("--backend", "wasm", "--task", "forward"),
    noPeer("@tensorflow/tfjs"),
  );
  if (!quick) {
    add(
      "other",
      "TensorFlow.js, cpu, forward, batch 1",
      tf("--backend", "cpu", "--task", "forward"),
      noPeer("@tensorflow/tfjs"),
    );
    add(
      "other",
      "jax-js, wasm, 5x5 convolution",
      [pinned, here("jax.mjs"), "--task", "convolution"],
      noPeer("@jax-js/jax"),
    );
  }
  add(
    "other",
    "jax-js, wasm, 512x512 product",
    [pinned, here("jax.mjs"), "--task", "matmul"],
    noPeer("@jax-js/jax"),
  );
  if (noModel === "")
    execFileSync(python, [here("pytorch.py"), "--task", "export", "--out", model], { stdio: "pipe" });
  return list;
}

/** Starts a contestant; `measure` tells it to go and resolves to what it says. */
async function start(contestant) {
  const [program, ...args] = contestant.command;
  const child = spawn(program, args, { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${contestant.name} ended: ${errors.trim().split("\n").at(-1)}`);
      if (value.startsWith("{")) return JSON.parse(value);
    }
  };
  await next(); // ready
  return {
    ...contestant,
    results: [],
    measure: async () => {
      child.stdin.write("go\n");
      return next();
    },
    stop: () => child.stdin.end(),
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function race(list) {
  const running = [];
  for (const contestant of list) {
    try {
      const started = await start(contestant);
      for (let i = 0; i < (contestant.table === "other" ? 1 : 2); i++) await started.measure(); // warm up
      running.push(started);
      console.error(`ready: ${contestant.table}: ${contestant.name}`);
    } catch (error) {
      skipped.push(`${contestant.name}: ${error.message}`);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const contestant of running) contestant.results.push(await contestant.measure());
    console.error(`round ${round + 1} of ${rounds}`);
  }
  for (const contestant of running) contestant.stop();
  return running.map(({ table, name, results }) => {
    const last = results.at(-1);
    const unit = last.gflops === undefined ? "imagesPerSecond" : "gflops";
    return {
      table,
      name,
      unit,
      median: median(results.map((result) => result[unit])),
      lowest: Math.min(...results.map((result) => result[unit])),
      highest: Math.max(...results.map((result) => result[unit])),
      peakBytes: last.peakBytes,
      device: last.device,
    };
  });
}

const titles = {
  train: `Training step, batch ${batch}`,
  forward: `Forward pass, batch ${batch}`,
  latency: "Forward pass, batch 1",
  other: "Others",
};

function tableOf(name, rows) {
  const own = rows.filter((row) => row.table === name);
  if (own.length === 0) return "";
  const peers = own.filter((row) => !row.name.startsWith("nin-net"));
  const heads = name === "other" ? [] : peers.map((peer) => `times ${peer.name}`);
  const head = [
    "",
    own[0].unit === "gflops" ? "GFLOP/s" : "images/s, median (lowest to highest)",
    ...heads,
    "peak memory",
  ];
  const lines = own.map((row) => {
    const unit = row.unit === "gflops" ? " GFLOP/s" : "";
    const ratios = heads.length === 0 ? [] : peers.map((peer) => (row.median / peer.median).toFixed(2));
    const digits = row.median < 10 ? 2 : 1;
    const value = `${row.median.toFixed(digits)}${unit} (${row.lowest.toFixed(digits)} to ${row.highest.toFixed(digits)})`;
    return [row.name, value, ...ratios, `${(row.peakBytes / 1e9).toFixed(2)} GB`];
  });
  const format = (cells) => `| ${cells.join(" | ")} |`;
  return [
    `### ${titles[name]}`,
    "",
    format(head),
    format(head.map(() => "---")),
    ...lines.map(format),
    "",
  ].join("\n");
}

try {
  const rows = [];
  const list = contestants();
  // Tables one after the other: processes that wait still hold memory.
  for (const table of Object.keys(titles))
    rows.push(...(await race(list.filter((entry) => entry.table === table))));
  const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout.trim();
  const about = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.cpus()[0].model.trim()}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    threads,
    batch,
    rounds,
    commit:
      git("rev-parse", "--short", "HEAD") +
      (git("status", "--porcelain", "--", "src", "assembly") ? ", changed" : ""),
    images: process.env.NIN_DATA_DIR ? "Fashion-MNIST" : "drawn",
    versions: [...new Set(rows.map((row) => row.device).filter((device) => !device.startsWith("cpu")))],
  };
  const text = [
    `Measured on ${about.date} by \`npm run bench\`: ${about.machine}, ${threads} threads, ${rounds} interleaved rounds, ${about.images}, commit ${about.commit}; ${about.versions.join("; ")}.`,
    "",
    ...Object.keys(titles).map((table) => tableOf(table, rows)),
    ...(skipped.length > 0 ? [`Skipped: ${skipped.join("; ")}.`, ""] : []),
  ].join("\n");
  console.log(text);
  if (!quick) {
    writeFileSync(
      join(root, "docs/performance.json"),
      `${JSON.stringify({ about, rows, skipped }, null, 2)}\n`,
    );
    const page = join(root, "docs/performance.md");
    const [begin, end] = ["<!-- bench -->", "<!-- /bench -->"];
    const old = readFileSync(page, "utf8");
    writeFileSync(
      page,
      `${old.slice(0, old.indexOf(begin) + begin.length)}\n\n${text}\n${old.slice(old.indexOf(end))}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
