/** Turns a graph into dispatches of kernels over buffers; the buffers get GPU memory later. */

import {
  bytesPerElement,
  type Graph,
  type Node,
  type OpNode,
  type Phase,
  rootsOf,
  sizeOf,
  topologicalOrder,
} from "../../graph/node.ts";
import type { AnyOp } from "../../graph/op.ts";
import { twinOf } from "../../graph/twin-of.ts";
import type { Buffer, Dispatch } from "./dispatch.ts";
import type { Capabilities } from "./host.ts";
import { addSlice } from "./kernels/add-slice.ts";
import { kernelOf } from "./kernels.ts";
import { canStoreF16, gradientNodes, gradientScale, resultNodes } from "./mixed-precision.ts";
import { type ShaderParts, shader, workgroupSize } from "./shader.ts";
import type { SubgroupMatrix } from "./tensor-cores.ts";

/** A kernel as it is asked for: what {@link Lowering.launch} turns into a dispatch. */
export interface Launch extends ShaderParts {
  readonly kernel: string;
  readonly sizes?: readonly number[];
  /** Total threads, for kernels of one thread an element. */
  readonly threads?: number;
  readonly workgroups?: number;
  readonly main?: boolean;
}

/** Buffers that outlive a slice, shared by the graphs of all slice sizes. */
export class PersistentBuffers {
  readonly #buffers = new Map<string, Buffer>();

  get(key: string, bytes: number, contents?: Float32Array): Buffer {
    let buffer = this.#buffers.get(key);
    if (buffer === undefined) {
      buffer = { bytes, persistent: true, ...(contents && { contents }) };
      this.#buffers.set(key, buffer);
    }
    return buffer;
  }
}

export interface LoweringContext {
  readonly persistent: PersistentBuffers;
  /** Whether one slice is the whole batch, so that a sum over slices is that slice's share. */
  readonly single: boolean;
  readonly capabilities: Capabilities;
  /** Where the slice's values go among the partial sums: a `SumPosition`, u32 [2]. */
  readonly sumPosition: Buffer;
  /** The buffer of a state. */
  state(name: string, bytes: number): Buffer;
}

export class Lowering {
  readonly lists: { readonly [P in Phase]: Dispatch[] } = { step: [], slice: [], finish: [] };
  readonly images: number;
  readonly capabilities: Capabilities;
  /** Sums over slices, whose memory holds the partial sums too; none if there is one slice. */
  readonly sums = new Set<Buffer>();
  readonly #context: LoweringContext;
  readonly #order: readonly Node[];
  readonly #index = new Map<Node, number>();
  readonly #buffers = new Map<Node, Buffer>();
  readonly #covered = new Set<OpNode>();
  readonly #results: ReadonlySet<Node>;
  readonly #gradients: ReadonlySet<Node>;
  #current: OpNode | undefined;

  constructor(graph: Graph, images: number, context: LoweringContext) {
    this.images = images;
    this.capabilities = context.capabilities;
    this.#context = context;
    this.#order = topologicalOrder(rootsOf(graph));
    this.#results = resultNodes(graph);
    this.#gradients = gradientNodes(this.#order);
    for (const [i, node] of this.#order.entries()) this.#index.set(node, i);
    for (const node of this.#order) {
      if (node.kind !== "op") continue;
      this.#current = node;
      if (!this.#covered.has(node)) kernelOf(node).lower(node as never, this);
    }
    this.#current = undefined;
  }

  /** The buffer of every node of the graph. */
  buffers(): Buffer[] {
    return this.#order.map((node) => this.buffer(node));
  }

  /** The buffer of a node's value. */
  buffer(node: Node): Buffer {
    let buffer = this.#buffers.get(node);
    if (buffer === undefined) {
      const elements = sizeOf(node.type.shape);
      const bytes = elements * bytesPerElement[node.type.dtype];
      if (node.kind === "state") buffer = this.#context.state(node.name, bytes);
      else if (node.phase !== "slice" && !this.#context.single) {
        buffer = this.#context.persistent.get(`node ${this.#index.get(node)}`, bytes);
      } else if (this.capabilities.mixedPrecision && canStoreF16(node) && !this.#results.has(node)) {
        const scale = this.isGradient(node) ? gradientScale(this.images) : 1;
        buffer = { bytes: 2 * elements, f16: { scale }, persistent: false };
      } else buffer = { bytes, persistent: false };
      this.#buffers.set(node, buffer);
    }
    return buffer;
  }

  /** Whether a node's value is a gradient of the loss. */
  isGradient(node: Node): boolean {
    return this.#gradients.has(node);
  }

  /** Tensor cores for a node's matrix product, unless 16 bits would flush its factors to zero: unscaled gradients. */
  subgroupMatrixFor(node: OpNode): SubgroupMatrix | undefined {
    const isInRange = node.inputs.every((input) => this.buffer(input).f16 || !this.isGradient(input));
    return isInRange ? this.capabilities.subgroupMatrix : undefined;
  }

  /** A temporary float32 buffer, in use only between dispatches of one node. */
  scratch(elements: number): Buffer {
    return { bytes: 4 * elements, persistent: false };
  }

  /** A buffer of constants of the node that is being lowered. */
  constant(name: string, contents: Float32Array): Buffer {
    const key = `constant ${name} of node ${this.#index.get(this.#current!)}`;
    return this.#context.persistent.get(key, contents.byteLength, contents);
  }

  /** Lets a node share the buffer of another one that holds the same bytes. */
  alias(node: Node, of: Node): void {
    this.#buffers.set(node, this.buffer(of));
  }

  /** See {@link twinOf}. */
  twin(node: OpNode, op: AnyOp): OpNode | undefined {
    return twinOf(this.#order, node, op);
  }

  /** Marks a node as computed by the dispatches so far. */
  covered(node: OpNode): void {
    this.#covered.add(node);
  }

  /** Adds a dispatch to the phase of the node that is being lowered. */
  launch({ kernel, sizes = [], threads, workgroups, main = true, ...parts }: Launch, phase?: Phase): void {
    const node = this.#current!;
    const count = workgroups ?? Math.ceil((threads ?? 1) / workgroupSize);
    const at = phase ?? node.phase;
    const buffers = [...(parts.reads ?? []), ...parts.writes].map(({ buffer }) => buffer);
    const wgsl = shader(parts);
    this.lists[at].push({ wgsl, buffers, sizes, workgroups: count, kernel, node, phase: at, main });
  }

  /** A sum over slices; see the op. */
  sumSlices(node: OpNode): void {
    const [part] = node.inputs as [Node];
    if (this.#context.single) {
      this.alias(node, part);
      return;
    }
    const total = this.buffer(node);
    this.sums.add(total);
    const elements = sizeOf(node.type.shape);
    this.launch(addSlice(this.buffer(part), this.#context.sumPosition, total, elements), "slice");
  }
}
