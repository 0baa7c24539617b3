// node bench/passes.mjs: 200 training steps with the rewriting passes on and off, from the same weights, drawn into
// docs/passes.svg. Rounding differs, and training amplifies it. The third curve shows by how much it does so anyway:
// passes off, each weight moved by one unit in its last place.
import { writeFileSync } from "node:fs";
import { lineChartSvg } from "../packages/nin-cli/dist/report/line-chart.js";
import { openWasm } from "../packages/nin-net/dist/backends/wasm/device.js";
import { DataIterator } from "../packages/nin-net/dist/data/data-iterator.js";
import { loadDataset } from "../packages/nin-net/dist/data/load-dataset.js";
import { NinNet } from "../packages/nin-net/dist/models/nin.js";
import { DeviceParameters } from "../packages/nin-net/dist/nn/trace.js";
import { sgd } from "../packages/nin-net/dist/optim/sgd.js";
import {
  batchInputs,
  initialOptimizerState,
  scalarInputs,
  trainGraph,
} from "../packages/nin-net/dist/train/programs.js";

const steps = 200;
// Smaller images and momentum, past the plateau that its first steps are on.
const before = 600;
const batchSize = 32;
const resize = 112;
const lr = 0.02;
const optimizer = sgd({ momentum: 0.9 });
const seed = 250;

const { train } = await loadDataset("fashion-mnist");

/** The next float32 away from zero. */
function nudged(values) {
  const moved = values.slice();
  const bits = new Uint32Array(moved.buffer);
  for (let i = 0; i < bits.length; i++) bits[i]++;
  return moved;
}

async function losses(without, nudge = false) {
  const net = new NinNet({ seed });
  const parameters = new DeviceParameters(net);
  const sizes = { height: train.height, width: train.width, resize };
  const trace = (images) => trainGraph(net, parameters, images, sizes, optimizer);
  using device = await openWasm({ simd: "auto" });
  using state = await device.createState({
    ...parameters.values(),
    ...initialOptimizerState(optimizer, parameters),
  });
  using first = device.compile(trace, state);
  using program = device.compile(trace, state, { without });
  const limit = batchSize * (before + steps);
  const batches = new DataIterator(train, { batchSize, resize, limit, seed });
  const found = [];
  let step = 0;
  for (const [images, labels] of batches.batches(0)) {
    if (step === before && nudge) {
      for (const { name } of parameters.nodes) await state.write(name, nudged(await state.read(name)));
    }
    const inputs = {
      ...batchInputs(images, labels, { seed, epoch: 0, step }),
      ...scalarInputs(optimizer.scalars({ lr, step })),
    };
    const { lossSum } = await (step < before ? first : program).run(inputs);
    if (step >= before) found.push(lossSum.data[0] / labels.length);
    step++;
  }
  return found;
}

const on = await losses([]);
const off = await losses(["all"]);
const moved = await losses(["all"], true);
const summary = (name, found) => {
  const apart = found.map((loss, step) => Math.abs(loss - off[step]));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const most = (count) => Math.max(...apart.slice(0, count)).toPrecision(2);
  console.log(
    `${name} against off: loss apart by at most ${most(20)} in 20 steps, ${most(50)} in 50, ${most(steps)} in ${steps}; ` +
      `mean of the last 50 losses ${mean(found.slice(-50)).toFixed(3)}, off ${mean(off.slice(-50)).toFixed(3)}`,
  );
};
summary("on", on);
summary("off, weights moved", moved);

const curve = (name, losses, colour, width) => ({
  name,
  points: losses.map((loss, i) => ({ x: i + 1, y: loss })),
  colour,
  width,
});
const svg = await lineChartSvg({
  title: `Training loss with rewriting passes on and off, ${resize} pixels, after ${before} steps`,
  x: { title: "step", domain: [0, steps] },
  left: { title: "loss (nats)" },
  series: [
    curve("passes off", off, "#d55e00", 4),
    curve("passes off, weights moved", moved, "#999999", 2),
    curve("passes on", on, "#0072b2", 1.3),
  ],
  colours: { background: "white", ink: "black", grid: "#e4e4e4" },
});
writeFileSync(new URL("../docs/passes.svg", import.meta.url), svg);
