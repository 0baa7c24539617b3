import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device, HostTensor } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, type Node, sizeOf, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

const sliceSize = 4;
const shapes = { w: [3, 3, 4, 4], b: [4] } as const;
const constants = { minusMean: -1 / (sliceSize * 25), one: 1 };
const scalars = Object.keys(constants).map((name) => input(name, [1], "f32", "step")) as [Node, Node];

/** Centres the channels of a convolution over the images of a slice; the loss feels the mean by way of a square. */
function step(images: number): Graph {
  const nodes = Object.entries(shapes).map(([name, shape]) => state(name, shape));
  const [w, b] = nodes as [Node, Node];
  const [minusMean, one] = scalars;
  const x = input("x", [images, 5, 5, 4], "f32", "slice");
  const y = ops.addBias(ops.conv2d(x, w, { stride: 1, padding: 1 }), b); // [n, 5, 5, 4]
  const squares = ops.mul(y, y);
  const centred = ops.addBias(squares, ops.scaleBy(ops.sumPixels(squares), minusMean));
  const loss = ops.sumSlices(ops.sumAll(ops.mul(centred, ops.scaleChannels(centred, ops.sumPixels(y)))));
  const found = gradients(loss, nodes, one).map((gradient) => ops.sumSlices(gradient));
  return { outputs: { loss, w: found[0]!, b: found[1]!, centred }, updates: new Map() };
}

function random(seed: number, shape: readonly number[]): HostTensor {
  const stream = new RandomStream(seed, Purpose.draw);
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => stream.uniform(i) - 0.4);
  return { shape, dtype: "f32", data };
}

const inputs: Readonly<Record<string, HostTensor>> = {
  x: random(1, [10, 5, 5, 4]),
  ...Object.fromEntries(
    Object.entries(constants).map(([name, value]) => [
      name,
      { shape: [1], dtype: "f32", data: Float32Array.of(value) } as const,
    ]),
  ),
};
const values = { w: random(2, shapes.w), b: random(3, shapes.b) };

async function run(device: Device, weights: typeof values): Promise<Readonly<Record<string, HostTensor>>> {
  using held = await device.createState(weights);
  using program = device.compile(step, held, { sliceSize });
  return await program.run(inputs);
}

test("gradients flow through a statistic over the images of a slice", async () => {
  using device = openReference();
  const analytic = await run(device, values);
  const e = 2 ** -7;
  for (const name of ["w", "b"] as const) {
    for (let i = 0; i < values[name].data.length; i += 11) {
      const at = async (change: number) => {
        const data = Float32Array.from(values[name].data);
        data[i]! += change;
        return (await run(device, { ...values, [name]: { ...values[name], data } })).loss!.data[0]!;
      };
      // A polynomial of degree 5 or less in each weight: central differences of two steps, extrapolated.
      const [near, far] = [(await at(e)) - (await at(-e)), (await at(2 * e)) - (await at(-2 * e))];
      const numeric = (8 * near - far) / (12 * e);
      const got = analytic[name]!.data[i]!;
      assert.ok(Math.abs(numeric - got) < 1e-3 * (1 + Math.abs(got)), `${name}[${i}]: ${got}, ${numeric}`);
    }
  }
});

for (const threads of [1, 2]) {
  test(`the CPU has the reference's statistics on ${threads} threads, the short last slice included`, async () => {
    using reference = openReference();
    using device = await openWasm({ threads });
    const [want, got] = [await run(reference, values), await run(device, values)];
    for (const [name, { data }] of Object.entries(want)) {
      const norm = (numbers: readonly number[]) => Math.hypot(...numbers);
      const size = norm([...data]);
      const apart = norm([...data].map((value, i) => value - got[name]!.data[i]!));
      assert.ok(apart <= 1e-5 * size, `${name}: off by ${apart / size}`);
    }
  });
}
