/** Sums over slices with gradients by way of every kernel that makes the gradient of a weight, and the same by hand. */
import type { Device, HostTensor } from "#nin-net/backends/backend.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Graph, input, type Node, sizeOf, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

const sliceSize = 2;
const weights = { w5: [5, 5, 4, 8], w1: [1, 1, 8, 12], w3: [3, 3, 12, 8], b: [8] } as const;

/** A loss with gradients by way of every kernel that makes the gradient of a weight. */
function step(images: number): Graph {
  const nodes = Object.entries(weights).map(([name, shape]) => state(name, shape));
  const [w5, w1, w3, b] = nodes as [Node, Node, Node, Node];
  const labels = input("labels", [images], "u8", "slice");
  let x: Node = input("x", [images, 12, 12, 4], "f32", "slice");
  x = ops.relu(ops.conv2d(x, w5, { stride: 1, padding: 2 }));
  x = ops.relu(ops.conv2d(x, w1, { stride: 1, padding: 0 }));
  x = ops.addBias(ops.conv2d(x, w3, { stride: 1, padding: 1 }), b);
  x = ops.adaptiveAvgPool2d(x, { height: 1, width: 1 });
  const logits = ops.reshape(x, { shape: [images, 8] });
  const lossSum = ops.sumSlices(ops.sumAll(ops.crossEntropy(logits, labels)));
  const correct = ops.sumSlices(ops.sumAll(ops.countCorrect(logits, labels)));
  const found = gradients(lossSum, nodes, input("one", [1], "f32", "step"));
  const named = found.map((gradient, i) => [Object.keys(weights)[i]!, ops.sumSlices(gradient)] as const);
  return { outputs: { lossSum, correct, ...Object.fromEntries(named) }, updates: new Map() };
}

function random(seed: number, count: number): Float32Array {
  const stream = new RandomStream(seed, Purpose.draw);
  return Float32Array.from({ length: count }, (_, i) => stream.uniform(i) - 0.5);
}

function batch(first: number, images: number): Record<string, HostTensor> {
  const each = 12 * 12 * 4;
  return {
    x: {
      shape: [images, 12, 12, 4],
      dtype: "f32",
      data: random(1, 32 * each).subarray(first * each, (first + images) * each),
    },
    labels: {
      shape: [images],
      dtype: "u8",
      data: Uint8Array.from({ length: images }, (_, i) => (5 * (first + i)) % 8),
    },
    one: { shape: [1], dtype: "f32", data: Float32Array.of(1) },
  };
}

export type Sums = Readonly<Record<string, HostTensor["data"]>>;

/** The sums of batches of so many slices, the last one of a single image. */
export async function sums(
  device: Device,
  slices: readonly number[],
  run: (outputs: (first: number, images: number) => Promise<Sums>, slices: number) => Promise<Sums>,
): Promise<Sums[]> {
  const values = Object.entries(weights).map(([name, shape], i) => {
    const data = random(10 + i, sizeOf(shape));
    return [name, { shape, dtype: "f32", data }] as const;
  });
  using held = await device.createState(Object.fromEntries(values));
  using program = device.compile(step, held, { sliceSize });
  const outputs = async (first: number, images: number): Promise<Sums> => {
    const found = Object.entries(await program.run(batch(first, images)));
    return Object.fromEntries(found.map(([name, { data }]) => [name, data]));
  };
  const all: Sums[] = [];
  for (const count of slices) all.push(await run(outputs, count));
  return all;
}

/** Of slices. */
export const counts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16];
/** Runs the whole batch. */
export const whole = (outputs: (first: number, images: number) => Promise<Sums>, slices: number) =>
  outputs(0, sliceSize * slices - 1);
/** Runs each slice by itself and adds them by hand. */
export const byHand = async (outputs: (first: number, images: number) => Promise<Sums>, slices: number) => {
  const parts: Sums[] = [];
  for (let i = 0; i < slices; i++) {
    parts.push(await outputs(sliceSize * i, i === slices - 1 ? sliceSize - 1 : sliceSize));
  }
  const tree = (some: readonly Sums[]): Sums => {
    if (some.length === 1) return some[0]!;
    const left = 2 ** Math.ceil(Math.log2(some.length) - 1);
    const [a, b] = [tree(some.slice(0, left)), tree(some.slice(left))];
    return Object.fromEntries(
      Object.entries(a).map(([name, data]) => [
        name,
        (data as Float32Array).map((value, i) => value + b[name]![i]!),
      ]),
    );
  };
  return tree(parts);
};
