// node bench/passes.mjs: 200 training steps with the rewriting passes on and off, drawn into docs/passes.svg.
// Rounding differs, and training amplifies it; the losses should stay together all the same.
import { writeFileSync } from "node:fs";
import * as vega from "vega";
import { openWasm } from "../dist/backends/wasm/device.js";
import { DataIterator } from "../dist/data/data-iterator.js";
import { loadDataset } from "../dist/data/load-dataset.js";
import { NinNet } from "../dist/nn/nin.js";
import { DeviceParameters } from "../dist/nn/trace.js";
import { batchInputs, trainGraph } from "../dist/train/programs.js";

const steps = 200;
const batchSize = 16;
const resize = 224;
const seed = 250;

const { train } = await loadDataset("fashion-mnist");

async function losses(without) {
  const net = new NinNet({ seed });
  const parameters = new DeviceParameters(net);
  using device = await openWasm({ simd: "auto" });
  using state = await device.createState(parameters.values());
  const sizes = { height: train.height, width: train.width, resize };
  using program = device.compile((images) => trainGraph(net, parameters, images, sizes, false), state, {
    without,
  });
  const batches = new DataIterator(train, { batchSize, resize, limit: batchSize * steps, seed });
  const found = [];
  for (const [images, labels] of batches.batches(0)) {
    const settings = { lr: 0.05, momentum: 0, seed, epoch: 0, step: found.length };
    const { momentum: _, ...inputs } = batchInputs(images, labels, settings);
    const { lossSum } = await program.run(inputs);
    found.push(lossSum.data[0] / labels.length);
  }
  return found;
}

const on = await losses([]);
const off = await losses(["all"]);
const apart = on.map((loss, step) => Math.abs(loss - off[step]));
const largest = (values) => Math.max(...values).toExponential(1);
console.log(`Largest difference of the loss, ${steps} steps: ${largest(apart)}`);
console.log(
  `of the first 100: ${largest(apart.slice(0, 100))}; of the last 20: ${largest(apart.slice(-20))}`,
);
console.log(`Last losses: ${on.at(-1)} with passes, ${off.at(-1)} without`);

const curve = (name, found) => ({ name, values: found.map((loss, i) => ({ step: i + 1, loss })) });
const view = new vega.View(
  vega.parse({
    $schema: "https://vega.github.io/schema/vega/v6.json",
    background: "white",
    width: 620,
    height: 280,
    padding: 12,
    title: `Training loss with rewriting passes on and off, batch ${batchSize}, ${resize} pixels`,
    data: [curve("off", off), curve("on", on)],
    scales: [
      { name: "x", type: "linear", domain: [0, steps], range: "width" },
      { name: "y", type: "linear", domain: { data: "off", field: "loss" }, nice: true, range: "height" },
      { name: "colour", type: "ordinal", domain: ["off", "on"], range: ["#d55e00", "#0072b2"] },
      { name: "width", type: "ordinal", domain: ["off", "on"], range: [4, 1.3] },
    ],
    axes: [
      { scale: "x", orient: "bottom", title: "step" },
      { scale: "y", orient: "left", title: "loss (nats)", grid: true },
    ],
    legends: [{ stroke: "colour", title: "passes", symbolType: "stroke" }],
    marks: ["off", "on"].map((passes) => ({
      type: "line",
      from: { data: passes },
      encode: {
        update: {
          x: { scale: "x", field: "step" },
          y: { scale: "y", field: "loss" },
          stroke: { scale: "colour", value: passes },
          strokeWidth: { scale: "width", value: passes },
        },
      },
    })),
  }),
  { renderer: "none" },
);
writeFileSync(new URL("../docs/passes.svg", import.meta.url), `${await view.toSVG()}\n`);
