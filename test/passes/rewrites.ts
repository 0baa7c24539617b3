/** What the tests of rewriting passes share: the same graph before and after, on the float64 reference. */
import assert from "node:assert/strict";
import type { HostTensor } from "#nin-net/backends/backend.js";
import { callerInputs } from "#nin-net/backends/inputs.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { type Graph, rootsOf, sizeOf, topologicalOrder } from "#nin-net/graph/node.js";

/** Names of the ops in a graph, each as often as it occurs. */
export function opNames(graph: Graph): string[] {
  return topologicalOrder(rootsOf(graph)).flatMap((node) => (node.kind === "op" ? [node.op.opName] : []));
}

/**
 * Runs a graph before and after a pass on random values and compares every output.
 *
 * @param trace - builds the graph for some images
 * @param tolerance - greatest difference relative to the largest value: rounding in float64, and in the float32 of outputs
 */
export async function assertSameValues(
  trace: (images: number) => Graph,
  pass: (graph: Graph) => Graph,
  { images = 3, sliceSize = 2, tolerance = 1e-6 } = {},
): Promise<void> {
  using device = openReference();
  const graph = trace(images);
  const random = (name: string, shape: readonly number[]): HostTensor => {
    const stream = new RandomStream(name.length, Purpose.draw, name.charCodeAt(0));
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => stream.uniform(i) - 0.5);
    return { shape, dtype: "f32", data };
  };
  const states = topologicalOrder(rootsOf(graph)).filter((node) => node.kind === "state");
  using state = await device.createState(
    Object.fromEntries(states.map(({ name, type }) => [name, random(name, type.shape)])),
  );
  const inputs = Object.fromEntries(
    [...callerInputs(graph)].map(([name, { type }]) => [name, random(name, type.shape)]),
  );
  using plain = device.compile(trace, state, { sliceSize });
  using rewritten = device.compile((n) => pass(trace(n)), state, { sliceSize });
  const want = await plain.run(inputs);
  const got = await rewritten.run(inputs);
  for (const [name, { data, shape }] of Object.entries(want)) {
    assert.deepEqual(got[name]!.shape, shape, name);
    const values = [...data];
    const largest = Math.max(...values.map(Math.abs));
    const worst = Math.max(...values.map((value, i) => Math.abs(value - got[name]!.data[i]!)));
    assert.ok(worst <= tolerance * largest, `${name}: off by ${worst}, the largest value is ${largest}`);
  }
}
