// What each kernel of a training step costs on a GPU: bytes, operations, workgroups and the time that a GPU of
// 4 TB/s and 60 TFLOP/s (float32) would need at least; and, where there is a GPU, what it took.
//
//   node bench/gpu.mjs [--batch-size 128] [--write]
//
// --write puts the table into docs/performance.md, between its marks.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openDevice } from "../dist/backends/devices.js";
import { kernelOf } from "../dist/backends/webgpu/kernels.js";
import { KeptBuffers, Lowering } from "../dist/backends/webgpu/lowering.js";
import { planMemory } from "../dist/backends/webgpu/plan-memory.js";
import { sizeOf } from "../dist/graph/node.js";
import { NinNet } from "../dist/nn/nin.js";
import { DeviceParameters } from "../dist/nn/trace.js";
import { costOf } from "../dist/ops/define.js";
import { rewrite } from "../dist/passes/passes.js";
import { profile } from "../dist/train/profile.js";
import { trainGraph } from "../dist/train/programs.js";

const bytesPerSecond = 4e12;
const flopsPerSecond = 60e12;

const { values } = parseArgs({
  options: { "batch-size": { type: "string", default: "128" }, write: { type: "boolean", default: false } },
});
const images = Number(values["batch-size"]);
const net = new NinNet();
const dispatches = lowered();
const measured = await measure();
const page = [...heading(), "", ...table(), ""].join("\n");
console.log(page);
if (values.write) write(page);

/** The kernels of a step, as a GPU runs them for a whole batch; it takes no GPU to know them. */
function lowered() {
  const canFuse = (node, steps) => kernelOf(node).epilogue?.(steps) ?? false;
  const parameters = new DeviceParameters(net);
  const traced = trainGraph(net, parameters, images, { height: 28, width: 28, resize: 224 }, false);
  const lowering = new Lowering(rewrite(traced, { without: [], canFuse }), images, {
    kept: new KeptBuffers(),
    single: true,
    state: (_name, bytes) => ({ bytes, kept: true }),
  });
  return [...lowering.lists.step, ...lowering.lists.slice, ...lowering.lists.finish];
}

/** Seconds of each kernel, or why there are none. */
async function measure() {
  let device;
  try {
    device = await openDevice("gpu");
  } catch (error) {
    return { missing: error.message };
  }
  const run = await profile(net, device, { task: "train", batchSize: images, resize: 224 });
  const description = device.description;
  device[Symbol.dispose]();
  return { seconds: run.rows.map((row) => row.seconds), step: run.seconds, description };
}

/** Operations that a kernel really does; those of transforms and of what is only moved are left out. */
function flopsOf({ kernel, main, node, buffers }) {
  // Every element of the transformed tiles meets every output channel.
  if (/^winograd(?:Weight)?Products$/.test(kernel)) return (2 * buffers[0].bytes * node.type.shape[3]) / 4;
  return main ? costOf(node).flops : 0;
}

function figuresOf(dispatch) {
  const bytes = [...new Set(dispatch.buffers)].reduce((sum, buffer) => sum + buffer.bytes, 0);
  const flops = flopsOf(dispatch);
  return { bytes, flops, seconds: Math.max(bytes / bytesPerSecond, flops / flopsPerSecond) };
}

function heading() {
  const memory = planMemory(dispatches.map(({ buffers }) => buffers)).reduce(
    (sum, slot) => sum + slot.bytes,
    0,
  );
  const plan = `A training step of batch ${images} is ${dispatches.length} kernels; activations and scratch share ${(memory / 2 ** 30).toFixed(2)} GiB.`;
  const time = measured.missing
    ? `Not measured on a GPU: ${measured.missing}`
    : `Measured on ${measured.description}: ${(1000 * measured.step).toFixed(2)} ms a step, ${(images / measured.step).toFixed(0)} images/s.`;
  return [plan, "", time];
}

/** The slowest kernels by their expected time, and all others in one line. */
function table() {
  const rows = dispatches
    .map((dispatch, i) => ({ dispatch, ...figuresOf(dispatch), measured: measured.seconds?.[i] }))
    .sort((a, b) => b.seconds - a.seconds);
  const shown = rows.slice(0, 40);
  const rest = rows.slice(40);
  const sum = (of, key) => of.reduce((total, row) => total + (row[key] ?? 0), 0);
  const line = (name, result, groups, row) =>
    `| ${[name, result, groups, (row.bytes / 1e6).toFixed(1), (row.flops / 1e9).toFixed(2), (1e6 * row.seconds).toFixed(1), row.measured === undefined ? "not measured" : (1e6 * row.measured).toFixed(1)].join(" | ")} |`;
  const together = (name, of) =>
    line(name, "", "", {
      bytes: sum(of, "bytes"),
      flops: sum(of, "flops"),
      seconds: sum(of, "seconds"),
      measured: measured.seconds && sum(of, "measured"),
    });
  return [
    "| kernel | result | workgroups | MB | GFLOP | expected at least, µs | measured, µs |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ...shown.map((row) => {
      const { kernel, node, workgroups } = row.dispatch;
      return line(kernel, sizeOf(node.type.shape) > 1 ? node.type.shape.join(" x ") : "1", workgroups, row);
    }),
    together(`${rest.length} more`, rest),
    together("together", rows),
  ];
}

function write(text) {
  const file = new URL("../docs/performance.md", import.meta.url);
  const before = readFileSync(file, "utf8");
  writeFileSync(
    file,
    before.replace(/<!-- gpu -->[\s\S]*<!-- \/gpu -->/, `<!-- gpu -->\n\n${text}\n<!-- /gpu -->`),
  );
}
