// How large the gradients of activations are, which 16-bit floats must hold: by layer, on real training images.
//
//   node bench/gradients.mjs [--resize 224] [RUN]
//
// RUN: a run's folder; without one the network is fresh. Data as for nin train (NIN_DATA_DIR).
import { parseArgs } from "node:util";
import { RunFolder } from "../packages/nin-cli/dist/runs/run-folder.js";
import { openDevice } from "../packages/nin-net/dist/backends/devices.js";
import { gradientNodes } from "../packages/nin-net/dist/backends/webgpu/mixed-precision.js";
import { DataIterator } from "../packages/nin-net/dist/data/data-iterator.js";
import { loadDataset } from "../packages/nin-net/dist/data/load-dataset.js";
import { rootsOf, topologicalOrder } from "../packages/nin-net/dist/graph/node.js";
import { NinNet } from "../packages/nin-net/dist/models/nin.js";
import { DeviceParameters } from "../packages/nin-net/dist/nn/trace.js";
import { batchInputs, gradientGraph } from "../packages/nin-net/dist/train/programs.js";

/** Images that are computed, and those that the mean loss is of. */
const [images, batch] = [16, 128];
/** The share of a tensor's sum of squares that its small values may lose. */
const negligible = 1e-6;

try {
  const { values, positionals } = parseArgs({
    options: { resize: { type: "string", default: "224" } },
    allowPositionals: true,
  });
  await show(Number(values.resize), positionals[0]);
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

/** @param run - a run's folder; a fresh network if left out */
async function show(resize, run) {
  const sizes = {
    channels: 1,
    height: 28,
    width: 28,
    preprocessing: { resize: [resize, resize], mean: null, std: null },
  };
  const net = new NinNet();
  if (run !== undefined) await (await RunFolder.open(run)).loadCheckpoint(net);
  const parameters = new DeviceParameters(net);
  const trace = (count) => activationGradientsOf(gradientGraph(net, parameters, count, sizes));
  const { train } = await loadDataset("fashion-mnist", {});
  const [[pixels, labels]] = new DataIterator(train, { batchSize: images, limit: images, resize }).batches(0);
  const inputs = batchInputs(pixels, labels, { seed: 1, epoch: 0, step: 0 });
  inputs.inverseBatch.data.fill(1 / batch);

  const device = await openDevice("cpu");
  const state = await device.createState(parameters.values());
  const program = device.compile(trace, state, { without: ["all"], sliceSize: images });
  const results = await program.run(inputs);
  console.table(Object.entries(trace(images).outputs).map(([name, node]) => range(node, results[name].data)));
  device[Symbol.dispose]();
}

/** A graph with every gradient of an activation as an output. */
function activationGradientsOf(graph) {
  const found = [...gradientNodes(topologicalOrder(rootsOf(graph)))].filter(
    ({ kind, phase, op, type: { shape } }) =>
      kind === "op" && phase === "slice" && shape.length === 4 && !/Weight|sum/.test(op.opName),
  );
  const named = found.map((node, i) => [`${i}`.padStart(2, "0"), node]);
  return { outputs: Object.fromEntries(named), updates: new Map() };
}

function range({ op, type }, data) {
  const sizes = Float32Array.from(data, Math.abs).sort();
  const total = sizes.reduce((sum, value) => sum + value * value, 0);
  let [at, lost] = [0, 0];
  while (lost < negligible * total) lost += sizes[at++] ** 2;
  const shown = (value) => value.toExponential(1);
  return {
    op: op.opName,
    shape: type.shape.slice(1).join(" x "),
    matters: shown(sizes[at]),
    largest: shown(sizes.at(-1)),
  };
}
