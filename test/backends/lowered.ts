import { PersistentBuffers } from "#nin-net/backends/lowering.js";
import { type Buffer, Lowering, PartialSumLevels } from "#nin-net/backends/wasm/lowering.js";
import type { Graph } from "#nin-net/graph/node.js";

/** The instructions for a slice on two threads, each the names of the kernels that its tasks run. */
export function kernelsOf(graph: Graph, images: number, chains = true): string[][] {
  const buffer = (bytes: number): Buffer => ({ bytes, address: undefined });
  const { lists } = new Lowering(graph, images, {
    threads: 2,
    panelWidth: 16,
    chains,
    persistent: new PersistentBuffers((bytes) => buffer(bytes)),
    levels: new PartialSumLevels(),
    state: (_name, bytes) => buffer(bytes),
    sliceStart: buffer(4),
    sums: buffer(128),
  });
  return lists.slice.map(({ steps }) => steps.map(({ kernel }) => kernel));
}
