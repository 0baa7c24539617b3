import { DisposedError, formatShape, NinError } from "../../core/errors.ts";
import { pauses } from "../../core/pauses.ts";
import { checkGraph } from "../../graph/check.ts";
import {
  type Graph,
  type InputNode,
  type Node,
  type OpNode,
  rootsOf,
  sizeOf,
  sliceStart,
  topologicalOrder,
} from "../../graph/node.ts";
import type { ReferenceTensor } from "../../graph/op.ts";
import { type Communicator, soloCommunicator } from "../../ranks/communicator.ts";
import { exchangeRows, sliceShares, subtreesOf, sumOverRanks } from "../../ranks/slice-shares.ts";
import type { CompileOptions, HostTensor, Program } from "../backend.ts";
import { checkSliceSize } from "../checks.ts";
import { arrays, callerInputs, checkInputs } from "../inputs.ts";
import { defaultSliceSize } from "../slice-size.ts";
import { SliceSum } from "../slice-sums.ts";
import { evaluate } from "./evaluate.ts";
import type { ReferenceState } from "./state.ts";

type Values = Map<Node, ReferenceTensor>;

/** Runs a graph node by node, in float64; nothing is rewritten or planned. */
export class ReferenceProgram implements Program {
  readonly inputs: ReadonlyMap<string, InputNode>;
  readonly #trace: (images: number) => Graph;
  readonly #state: ReferenceState;
  readonly #sliceSize: number;
  readonly #communicator: Communicator;
  readonly #traced = new Map<number, TracedGraph>();
  #disposed = false;

  constructor(trace: (images: number) => Graph, state: ReferenceState, options: CompileOptions) {
    const { sliceSize, communicator = soloCommunicator } = options;
    if (sliceSize !== undefined) checkSliceSize(sliceSize);
    this.#trace = trace;
    this.#state = state;
    this.#communicator = communicator;
    const { graph } = this.#graphFor(sliceSize ?? 1);
    this.#sliceSize = sliceSize ?? defaultSliceSize(graph, 1);
    this.inputs = callerInputs(graph);
  }

  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>> {
    return this.#state.exclusive(() => this.#runBatch(inputs));
  }

  async #runBatch(
    inputs: Readonly<Record<string, HostTensor>>,
  ): Promise<Readonly<Record<string, HostTensor>>> {
    this.#check();
    const images = checkInputs(this.inputs, inputs) ?? 1;
    const sliceSize = this.#sliceSize;

    const pause = pauses();
    const joined: Record<string, Float64Array> = {};
    const slices = Math.ceil(images / sliceSize);
    const shares = sliceShares(slices, this.#communicator.size);
    const share = shares[this.#communicator.rank]!;
    const own: Float64Array<ArrayBuffer>[] = [];
    let last: { readonly traced: TracedGraph; readonly values: Values } | undefined;
    for (const { begin, end } of subtreesOf(share, slices)) {
      let sums: readonly SliceSum<Float64Array>[] | undefined;
      for (let slice = begin; slice < end; slice++) {
        const start = slice * sliceSize;
        const count = Math.min(sliceSize, images - start);
        const traced = this.#graphFor(count);
        const values = this.#outside(traced, inputs, start, count);
        await evaluateAll(traced.beforeFinish, values, pause);
        this.#check();
        sums ??= traced.sums.map(() => new SliceSum<Float64Array>(end - begin, addArrays));
        for (const [i, node] of traced.sums.entries()) sums[i]!.push(values.get(node.inputs[0]!)!.data);
        for (const [name, node] of Object.entries(traced.graph.outputs)) {
          if (node.phase !== "slice") continue;
          const each = sizeOf(node.type.shape.slice(1));
          joined[name] ??= new Float64Array(images * each);
          joined[name].set(values.get(node)!.data, start * each);
        }
        last = { traced, values };
      }
      own.push(concatenated(sums!.map(({ total }) => total)));
    }

    const { traced, values } =
      last ?? (await this.#withoutSlices(inputs, Math.min(sliceSize, images), pause));
    const length = traced.sums.reduce((sum, node) => sum + sizeOf(node.type.shape), 0);
    const totals = await sumOverRanks(
      this.#communicator,
      shares,
      slices,
      own,
      () => new Float64Array(length),
    );
    let at = 0;
    for (const node of traced.sums) {
      const { shape } = node.type;
      values.set(node, { shape, data: totals.subarray(at, at + sizeOf(shape)) });
      at += sizeOf(shape);
    }
    const rowShares = shares.map(({ begin, end }) => ({
      begin: Math.min(images, begin * sliceSize),
      end: Math.min(images, end * sliceSize),
    }));
    for (const [name, node] of Object.entries(traced.graph.outputs)) {
      if (node.phase !== "slice") continue;
      const each = sizeOf(node.type.shape.slice(1));
      joined[name] ??= new Float64Array(images * each);
      const rows = joined[name];
      await exchangeRows(this.#communicator, rowShares, new Uint8Array(rows.buffer), 8 * each);
    }
    await evaluateAll(traced.finish, values, pause);
    const outputs = Object.entries(traced.graph.outputs).map(([name, { type, phase }]) => {
      const sliced = phase === "slice";
      const shape = sliced ? [images, ...type.shape.slice(1)] : type.shape;
      const data = sliced ? joined[name]! : values.get(traced.graph.outputs[name]!)!.data;
      return [name, { shape, dtype: type.dtype, data: arrays[type.dtype].from(data) }] as const;
    });
    for (const [state, node] of traced.graph.updates) this.#state.set(state.name, values.get(node)!);
    return Object.fromEntries(outputs);
  }

  /** What is made once a step, on a rank that computes no slice of the batch. */
  async #withoutSlices(
    inputs: Readonly<Record<string, HostTensor>>,
    count: number,
    pause: () => Promise<void> | undefined,
  ): Promise<{ traced: TracedGraph; values: Values }> {
    const traced = this.#graphFor(count);
    const values = this.#outside(traced, inputs, 0, count);
    const step = traced.beforeFinish.filter(({ phase }) => phase === "step");
    await evaluateAll(step, values, pause);
    return { traced, values };
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("The program");
    this.#state.check();
  }

  /** The values that come from outside: inputs, their slices, and state. */
  #outside(
    traced: TracedGraph,
    inputs: Readonly<Record<string, HostTensor>>,
    start: number,
    count: number,
  ): Values {
    const values: Values = new Map([[sliceStart, { shape: [1], data: Float64Array.of(start) }]]);
    for (const node of traced.leaves) {
      if (node === sliceStart) continue;
      const { shape } = node.type;
      if (node.kind === "state") {
        values.set(node, this.#state.get(node.name));
      } else if (node.phase === "step") {
        values.set(node, { shape, data: Float64Array.from(inputs[node.name]!.data) });
      } else {
        const each = sizeOf(shape.slice(1));
        const slice = inputs[node.name]!.data.subarray(start * each, (start + count) * each);
        values.set(node, { shape, data: Float64Array.from(slice) });
      }
    }
    return values;
  }

  #graphFor(images: number): TracedGraph {
    let traced = this.#traced.get(images);
    if (traced === undefined) {
      traced = new TracedGraph(this.#trace(images), images);
      for (const node of traced.leaves) {
        if (node.kind !== "state") continue;
        const got = formatShape(this.#state.get(node.name).shape);
        const want = formatShape(node.type.shape);
        if (got !== want) {
          throw new NinError(
            `state "${node.name}": got shape ${got}, expected ${want}. Compile with the state of the same network.`,
          );
        }
      }
      this.#traced.set(images, traced);
    }
    return traced;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#traced.clear();
  }
}

function addArrays(left: Float64Array, right: Float64Array): Float64Array {
  return left.map((value, i) => value + right[i]!);
}

function concatenated(arrays: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const whole = new Float64Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

async function evaluateAll(
  nodes: readonly OpNode[],
  values: Values,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  for (const node of nodes) {
    values.set(
      node,
      evaluate(node, (input) => values.get(input)!),
    );
    const paused = pause();
    if (paused !== undefined) await paused;
  }
}

/** A graph in the order in which it runs; the sums of graphs of different slice sizes match by position. */
class TracedGraph {
  readonly graph: Graph;
  readonly leaves: readonly Exclude<Node, OpNode>[];
  readonly beforeFinish: readonly OpNode[];
  readonly sums: readonly OpNode[];
  readonly finish: readonly OpNode[];

  constructor(graph: Graph, images: number) {
    checkGraph(graph, images);
    const order = topologicalOrder(rootsOf(graph));
    const nodes = order.filter((node) => node.kind === "op");
    this.graph = graph;
    this.leaves = order.filter((node) => node.kind !== "op");
    this.beforeFinish = nodes.filter((node) => node.phase !== "finish");
    this.sums = nodes.filter((node) => node.op.sumsSlices);
    this.finish = nodes.filter((node) => node.phase === "finish" && !node.op.sumsSlices);
  }
}
