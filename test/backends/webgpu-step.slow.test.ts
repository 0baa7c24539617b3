/** A whole training step of NinNet on a GPU: precision, the same bits run after run, weights that move between devices. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device, HostTensor } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { type Graph, input, type Node } from "#nin-net/graph/node.js";
import { NinNet } from "#nin-net/models/nin.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { ops } from "#nin-net/ops/ops.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { batchInputs, gradientGraph, scalarInputs, trainGraph } from "#nin-net/train/programs.js";
import { withDecisions, withGivenDecisions } from "./decisions.js";
import { noGpu } from "./software-gpu.js";

const skip = await noGpu();
// The smallest images that leave every layer a pixel, at a whole enlargement, so that the resize is folded.
const sizes = {
  channels: 1,
  height: 28,
  width: 28,
  preprocessing: { resize: [84, 84], mean: null, std: null },
} as const;
const images = 2;
const net = new NinNet({ seed: 1 });
const parameters = new DeviceParameters(net);

type Tensors = Readonly<Record<string, HostTensor>>;

function inputs(): Tensors {
  const pixels = Uint8Array.from({ length: images * 28 * 28 }, (_, i) => (i * 7919) % 251);
  const labels = Uint8Array.from({ length: images }, (_, i) => (3 * i) % 10);
  const step = { seed: 1, epoch: 2, step: 3 };
  return batchInputs({ ...sizes, pixels, shape: [], data: new Float32Array() }, labels, step);
}

async function run(device: Device, trace: (images: number) => Graph, given: Tensors): Promise<Tensors> {
  using state = await device.createState(parameters.values());
  using program = device.compile(trace, state);
  return await program.run(given);
}

function relativeL2(got: HostTensor, want: HostTensor): number {
  let [difference, size] = [0, 0];
  for (const [i, value] of want.data.entries()) {
    difference += (got.data[i]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference / size);
}

const one = input("one", [1], "f32", "step");

for (const [precision, allowed] of [
  ["f32", 2e-4],
  ["f16", 5e-3],
] as const) {
  test(`loss, logits and every gradient of a step in ${precision} agree with float64`, { skip }, async () => {
    const given = inputs();
    const trace = (n: number) => gradientGraph(net, parameters, n, sizes);
    // Copies, since a device keeps outputs as float32.
    const copied = (node: Node) => (node.type.dtype === "f32" ? ops.scaleBy(node, one) : node);
    using gpu = await openWebGpu({ allowSoftware: true, precision });
    const got = await run(gpu, (n) => withDecisions(trace(n), copied), {
      ...given,
      one: { shape: [1], dtype: "f32", data: Float32Array.of(1) },
    });
    const decisions = Object.entries(got).filter(([name]) => name.startsWith("decision"));
    assert.equal(decisions.length, 15, "twelve ReLUs and three poolings decide");
    using reference = openReference();
    const expected = await run(reference, (n) => withGivenDecisions(trace(n)), {
      ...given,
      ...Object.fromEntries(decisions),
    });
    for (const [name, tensor] of Object.entries(expected)) {
      const off = relativeL2(got[name]!, tensor);
      assert.ok(off < allowed, `${name} is off by ${off} relative L2`);
    }
  });
}

test("two steps give the same bits twice, and the weights go on to the CPU bit for bit", {
  skip,
}, async () => {
  const given = { ...inputs(), ...scalarInputs(sgd().scalars({ lr: 0.1, step: 0 })) };
  const trained = async () => {
    using gpu = await openWebGpu({ allowSoftware: true });
    using state = await gpu.createState(parameters.values());
    using program = gpu.compile((n) => trainGraph(net, parameters, n, sizes, sgd()), state);
    for (let step = 0; step < 2; step++) await program.run(given);
    const weights: Record<string, HostTensor> = {};
    for (const [name, { shape }] of Object.entries(parameters.values())) {
      weights[name] = { shape, dtype: "f32", data: await state.read(name) };
    }
    return weights;
  };
  const first = await trained();
  assert.deepEqual(await trained(), first);
  using cpu = await openWasm({ threads: 1 });
  using state = await cpu.createState(first);
  for (const [name, { data }] of Object.entries(first)) assert.deepEqual(await state.read(name), data);
});
