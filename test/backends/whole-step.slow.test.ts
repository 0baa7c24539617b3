/** Whole training steps of NinNet at 224 x 224 on real images: precision, and the same bits however they are run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompileOptions, Device, HostTensor } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import type { Graph } from "#nin-net/graph/node.js";
import { NinNet } from "#nin-net/models/nin.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { batchInputs, gradientGraph, scalarInputs, trainGraph } from "#nin-net/train/programs.js";
import { realData } from "../data/real-data.js";
import { withDecisions, withGivenDecisions } from "./decisions.js";
import { wideSimd } from "./wide-simd.js";

const { skip } = realData("fashion-mnist");
const sizes = {
  channels: 1,
  height: 28,
  width: 28,
  preprocessing: { resize: [224, 224], mean: null, std: null },
} as const;
const net = new NinNet({ seed: 1 });
const parameters = new DeviceParameters(net);

type Tensors = Readonly<Record<string, HostTensor>>;

/** The inputs that a graph takes, for the first images of the real training set. */
async function realInputs(images: number): Promise<Tensors> {
  const { train } = await loadDataset("fashion-mnist", { download: false });
  const [batch] = new DataIterator(train, { batchSize: images, resize: 224, limit: images }).batches(0);
  const [pixels, labels] = batch!;
  return batchInputs(pixels, labels, { seed: 1, epoch: 0, step: 0 });
}

/** |a - b| / |b| over all values. */
function relativeL2(got: HostTensor, want: HostTensor): number {
  let difference = 0;
  let size = 0;
  for (const [i, value] of want.data.entries()) {
    difference += (got.data[i]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference / size);
}

async function run(
  device: Device,
  trace: (images: number) => Graph,
  inputs: Tensors,
  options: CompileOptions = {},
): Promise<Tensors> {
  using state = await device.createState(parameters.values());
  using program = device.compile(trace, state, options);
  return await program.run(inputs);
}

test("loss, logits and every gradient of a step agree with float64, with and without passes", {
  skip,
}, async () => {
  const inputs = await realInputs(8);
  using cpu = await openWasm({ threads: 2, simd: wideSimd });
  using reference = openReference();
  const trace = (images: number) => gradientGraph(net, parameters, images, sizes);
  for (const without of [[], ["all"]]) {
    const got = await run(cpu, (images) => withDecisions(trace(images)), inputs, { without });
    const made = Object.entries(got).filter(([name]) => name.startsWith("decision"));
    assert.equal(made.length, 15, "twelve ReLUs and three poolings decide");
    // Where two candidates are equal but for rounding, float32 and float64 may decide differently, and the gradients
    // jump; so float64 gets the decisions of the run that it is compared with.
    const want = await run(reference, (images) => withGivenDecisions(trace(images)), {
      ...inputs,
      ...Object.fromEntries(made),
    });
    for (const [name, tensor] of Object.entries(want)) {
      const off = relativeL2(got[name]!, tensor);
      assert.ok(off < 2e-4, `${name} is off by ${off} relative L2, without ${without.join() || "nothing"}`);
    }
  }
});

test("two training steps give the same bits for any number of threads and width of vectors", {
  skip,
}, async () => {
  const inputs = { ...(await realInputs(20)), ...scalarInputs(sgd().scalars({ lr: 0.1, step: 0 })) };
  let first: { readonly title: string; readonly weights: Map<string, Float32Array> } | undefined;
  for (const [threads, simd] of [
    [1, "128"],
    [2, "128"],
    [1, wideSimd],
    [2, wideSimd],
    [3, wideSimd],
    [4, wideSimd],
  ] as const) {
    using device = await openWasm({ threads, simd });
    using state = await device.createState(parameters.values());
    using program = device.compile((images) => trainGraph(net, parameters, images, sizes, sgd()), state);
    for (let step = 0; step < 2; step++) await program.run(inputs);
    const weights = new Map<string, Float32Array>();
    for (const name of state.names) weights.set(name, await state.read(name));
    first ??= { title: device.description, weights };
    for (const [name, values] of weights) {
      assert.deepEqual(values, first.weights.get(name), `${name}: ${device.description}, ${first.title}`);
    }
  }
});
