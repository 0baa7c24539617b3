// Who takes part: each is a process, started by its command, in one of the tables.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { noPython, pythonsWithTorch } from "./python.mjs";

/** The path of a contestant's program. */
export const script = (name) => fileURLToPath(new URL(`contestants/${name}`, import.meta.url));

/** The series' networks, each with the batch and the size of its recipe. */
const series = [
  { net: "lenet", title: "LeNet", batch: 256, resize: 28, lr: 0.9 },
  { net: "alexnet", title: "AlexNet", batch: 128, resize: 224, lr: 0.01 },
  { net: "vgg", title: "VGG-11, channels divided by 4", batch: 128, resize: 224, lr: 0.05 },
  { net: "nin", title: "Network in Network", batch: 128, resize: 224, lr: 0.1 },
];

/** Their tables: name, title and what is measured. */
const seriesTables = series.flatMap((network) =>
  [
    ["train", "training step"],
    ["forward", "forward pass"],
  ].map(([task, words]) => {
    const { net, title, batch, resize } = network;
    return {
      ...network,
      task,
      table: `${net} ${task}`,
      title: `${title}: ${words}, ${resize} x ${resize}, batch ${batch}`,
    };
  }),
);

/** Tables whose ratios to the peers are the point. */
export const compared = [
  "training",
  "forward",
  "latency",
  "small",
  ...seriesTables.map(({ table }) => table),
];

/** Titles of the tables, in order. */
export const tables = {
  training: ({ batch }) => `Training step, batch ${batch}`,
  forward: ({ batch }) => `Forward pass, batch ${batch}`,
  latency: () => "Forward pass, one image",
  small: () => "Training step of nin-small by SGD with Nesterov momentum, 28 x 28, batch 64",
  ...Object.fromEntries(seriesTables.map(({ table, title }) => [table, () => title])),
  javascript: () => "Other engines in JavaScript, one image",
  kernels: () => "jax-js: one product and one convolution of its own",
  scaling: () => "nin-net's training step by threads and by batch",
};

/**
 * @param settings - of the run: batch, threads, quick, only, node, python
 * @param files - images and model that the contestants read
 * @returns those that take part, and those that cannot, each with the reason and what helps
 */
export function contestants(settings, files) {
  const { batch, threads, quick, only } = settings;
  const list = [];
  const skipped = [];
  const add = (table, name, command, { missing = "", ...how } = {}) => {
    const label = `${table}: ${name}`;
    if (only && !only.some((word) => label.toLowerCase().includes(word.toLowerCase()))) return;
    if (missing) skipped.push(`${label}: ${missing}`);
    else list.push({ table, name, label, command: command.map(String), warmUps: 2, ...how });
  };

  const nodes = [{ version: process.version, path: process.execPath, widths: ["auto", "128"] }];
  const other = otherNode(settings.node);
  if (other && other.version !== process.version) nodes.push({ ...other, widths: ["auto"] });
  const found = pythonsWithTorch(settings.python);
  const pythons = found.length > 0 ? found : [{ name: "PyTorch", missing: noPython }];
  const peer = (name) =>
    isInstalled(name) ? {} : { missing: `${name} is not installed; run npm run bench:install` };

  const ours = (path, task, simd, count, threadCount = threads, net = []) => [
    ...[path, script("ours.mjs"), "--task", task, "--simd", simd],
    ...["--batch", count, "--threads", threadCount, "--images", files.images, ...net],
  ];
  const pytorch = (path, task, format, count, net) => [
    ...[path, script("pytorch.py"), "--task", task, "--format", format],
    ...["--batch", count, "--threads", threads, "--images", files.images, ...net],
  ];
  /** Every PyTorch, in both layouts. */
  const addPytorch = (table, task, count, net = [], plain = "default layout") => {
    for (const { path, name, missing } of pythons) {
      add(table, `${name}, ${plain}`, pytorch(path, task, "plain", count, net), { missing });
      add(table, `${name}, channels_last`, pytorch(path, task, "channels_last", count, net), { missing });
    }
  };
  const onnxruntime = (count, model = files.model, resize = 224) => [
    ...[process.execPath, script("onnxruntime.mjs"), "--model", model, "--resize", resize],
    ...["--batch", count, "--threads", threads, "--images", files.images],
  ];
  const small = ["--net", "nin-small", "--resize", 28];
  for (const [table, task, count, net] of [
    ["training", "train", batch],
    ["forward", "forward", batch],
    ["latency", "forward", 1],
    ["small", "train", 64, small],
  ]) {
    for (const { version, path, widths } of nodes) {
      for (const simd of widths) {
        const name = `nin-net on Node ${version.slice(1)}${simd === "auto" ? "" : `, --simd ${simd}`}`;
        add(table, name, ours(path, task, simd, count, threads, net));
      }
    }
    addPytorch(table, task, count, net, table === "small" ? undefined : "as the tutorial runs it");
    if (task === "forward") add(table, "onnxruntime-node, CPU", onnxruntime(count), peer("onnxruntime-node"));
  }

  for (const { table, task, net, batch: count, resize, lr } of seriesTables) {
    const how = ["--net", net, "--resize", resize, "--lr", lr];
    add(table, "nin-net", ours(process.execPath, task, "auto", count, threads, how));
    addPytorch(table, task, count, how);
    if (task !== "forward") continue;
    const model = files.modelOf(net);
    add(table, "onnxruntime-node, CPU", onnxruntime(count, model, resize), {
      ...peer("onnxruntime-node"),
      prepare: () => writeOnnxModel(net, resize, model),
    });
  }

  const tensorflow = (backend, task) => [
    ...[process.execPath, script("tensorflow.mjs"), "--backend", backend, "--task", task],
    ...["--batch", 1, "--images", files.images],
  ];
  // An image of TensorFlow.js's training takes minutes: once is enough.
  const once = { ...peer("@tensorflow/tfjs"), warmUps: 0, rounds: 1 };
  add("javascript", "nin-net, forward", ours(process.execPath, "forward", "auto", 1));
  add("javascript", "nin-net, training step", ours(process.execPath, "train", "auto", 1));
  add(
    "javascript",
    "TensorFlow.js wasm, forward",
    tensorflow("wasm", "forward"),
    peer("@tensorflow/tfjs-backend-wasm"),
  );
  add("javascript", "TensorFlow.js wasm, training step", tensorflow("wasm", "train"), once);
  if (!quick) {
    add("javascript", "TensorFlow.js cpu, forward", tensorflow("cpu", "forward"), { ...once, rounds: 2 });
    add("javascript", "TensorFlow.js cpu, training step", tensorflow("cpu", "train"), once);
  }
  const jax = (task) => [process.execPath, script("jax.mjs"), "--task", task];
  add("kernels", "jax-js wasm, 512 x 512 product", jax("matmul"), peer("@jax-js/jax"));
  add("kernels", "jax-js wasm, 5x5 convolution, 96 to 256 channels", jax("convolution"), {
    ...peer("@jax-js/jax"),
    warmUps: 1,
  });

  const counts = [...new Set([1, 2, 4, os.availableParallelism()])].filter(
    (count) => count <= os.availableParallelism(),
  );
  for (const count of counts) {
    const name = `nin-net, batch ${batch}, ${count} thread${count === 1 ? "" : "s"}`;
    add("scaling", name, ours(process.execPath, "train", "auto", batch, count));
  }
  for (const count of [1, 8, 32, 128, 256].filter((count) => count !== batch)) {
    const name = `nin-net, batch ${count}, ${threads} thread${threads === 1 ? "" : "s"}`;
    add("scaling", name, ours(process.execPath, "train", "auto", count));
  }
  return { list, skipped };
}

/** A network of the registry as an ONNX file, with its first weights. */
async function writeOnnxModel(net, size, file) {
  const { createModel } = await import("../packages/nin-net/dist/models/models.js");
  const { writeOnnx } = await import("../packages/nin-net/dist/interop/onnx/write-onnx.js");
  const model = createModel(net, { channels: 1, classes: 10, size: [size, size] });
  writeFileSync(file, writeOnnx(model, { imageShape: [1, size, size] }));
}

/** Whether bench/node_modules has a package. */
function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The Node that was asked for, or the one that a shell would run here, outside npm scripts. */
function otherNode(asked) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
  const path = asked ?? folders.map((folder) => join(folder, "node")).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  if (status === 0) return { path, version: stdout.trim() };
  if (asked) throw new Error(`--node: got "${asked}", expected the path of a Node that runs.`);
  return undefined;
}
