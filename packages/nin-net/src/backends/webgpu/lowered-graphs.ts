/** Lowers a program's graph, once for each slice size. */
import { type Graph, type Node, sizeOf } from "../../graph/node.ts";
import { PersistentBuffers } from "../lowering.ts";
import { TracedGraphs } from "../traced-graphs.ts";
import type { Buffer, Dispatch } from "./dispatch.ts";
import type { Capabilities } from "./host.ts";
import { Lowering, type LoweringContext } from "./lowering.ts";
import { planMemory, type Slot } from "./plan-memory.ts";
import type { WebGpuState } from "./state.ts";

/** A graph lowered for one slice size. */
export interface LoweredGraph {
  readonly graph: Graph;
  /** Images a slice. */
  readonly images: number;
  /** Whether one slice is the whole batch. */
  readonly single: boolean;
  readonly lowering: Lowering;
  /** Every dispatch, in the order of the phases. */
  readonly dispatches: readonly Dispatch[];
  readonly slots: readonly Slot[];
  /** Copies of states' old values that become other states' new values: taken before any state is written. */
  readonly snapshots: ReadonlyMap<Node, Buffer>;
}

export class LoweredGraphs {
  readonly #graphs: TracedGraphs;
  readonly #capabilities: Capabilities;
  readonly #state: WebGpuState;
  readonly #persistent = new PersistentBuffers<Buffer>((bytes, contents) => ({
    bytes,
    persistent: true,
    ...(contents && { contents }),
  }));
  /** See {@link LoweringContext.sumPosition}. */
  readonly sumPosition: Buffer = { bytes: 8, persistent: true };
  readonly #lowered = new Map<string, LoweredGraph>();

  /** @param trace - builds the graph for a slice of so many images, rewritten for this backend */
  constructor(trace: (images: number) => Graph, capabilities: Capabilities, state: WebGpuState) {
    this.#graphs = new TracedGraphs(trace);
    this.#capabilities = capabilities;
    this.#state = state;
  }

  /** @param single - whether a slice of so many images is the whole batch */
  get(images: number, single: boolean): LoweredGraph {
    const key = `${images} ${single}`;
    let lowered = this.#lowered.get(key);
    if (lowered === undefined) {
      lowered = this.#lower(images, single);
      this.#lowered.set(key, lowered);
    }
    return lowered;
  }

  /** Forgets a graph that will not run. */
  delete({ images, single }: LoweredGraph): void {
    this.#lowered.delete(`${images} ${single}`);
  }

  #lower(images: number, single: boolean): LoweredGraph {
    const graph = this.#graphs.get(images);
    const lowering = new Lowering(graph, images, {
      persistent: this.#persistent,
      single,
      capabilities: this.#capabilities,
      sumPosition: this.sumPosition,
      state: (name, bytes) => this.#state.buffer(name, bytes),
    });
    const { step, slice, finish } = lowering.lists;
    const snapshots = snapshotsOf(lowering);
    const slots = planMemory(usesOf(graph, lowering, snapshots));
    return { graph, images, single, lowering, dispatches: [...step, ...slice, ...finish], slots, snapshots };
  }
}

/** Buffers in use, dispatch by dispatch, with what is written before and read after them. */
function usesOf(graph: Graph, lowering: Lowering, snapshots: ReadonlyMap<Node, Buffer>): Buffer[][] {
  const { step, slice, finish } = lowering.lists;
  const buffersOf = (list: readonly Dispatch[]) => list.map(({ buffers }) => [...buffers]);
  const { inputs } = lowering;
  const bufferOf = (node: Node) => lowering.buffer(node);
  const outputs = Object.values(graph.outputs);
  return [
    // Written before the commands run.
    inputs.map(bufferOf),
    ...buffersOf(step),
    inputs.filter(({ phase }) => phase === "slice").map(bufferOf),
    ...buffersOf(slice),
    outputs.filter(({ phase }) => phase === "slice").map(bufferOf),
    ...buffersOf(finish),
    [
      ...[...outputs.filter(({ phase }) => phase !== "slice"), ...graph.updates.values()].map(bufferOf),
      ...snapshots.values(),
    ],
  ];
}

/** A buffer for each value of {@link Lowering.overwrittenValues}. */
function snapshotsOf(lowering: Lowering): ReadonlyMap<Node, Buffer> {
  const values = [...lowering.overwrittenValues()];
  return new Map(values.map((node) => [node, lowering.scratch(sizeOf(node.type.shape))]));
}
