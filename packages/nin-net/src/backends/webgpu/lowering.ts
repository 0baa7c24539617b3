/** Turns a graph into dispatches of kernels over buffers; where the buffers lie in GPU memory comes later. */

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
import { addInto } from "./kernels/add-into.ts";
import { kernelOf } from "./kernels.ts";
import { exposedNodes, gradientScale, gradientsIn, mayBeHalf } from "./mixed-precision.ts";
import { groupSize, type ShaderParts, shader } from "./shader.ts";

/** A stretch of GPU memory that dispatches read and write. */
export interface Buffer {
  readonly bytes: number;
  /** It holds 16-bit floats, which are the values times a power of two. */
  readonly half?: { readonly scale: number };
  /** Written into it once; nothing else writes it. */
  readonly contents?: Float32Array;
  /** Keeps its place between slices; else it may share memory with buffers that are in use at other times. */
  readonly kept: boolean;
}

/** One kernel run over buffers. */
export interface Dispatch {
  readonly wgsl: string;
  /** In the order of the kernel's bindings; the sizes come last. */
  readonly buffers: readonly Buffer[];
  /** At most four. */
  readonly sizes: readonly number[];
  readonly workgroups: number;
  /** What runs, for profiles. */
  readonly kernel: string;
  /** The node that it computes, or helps to. */
  readonly node: OpNode | undefined;
  readonly phase: Phase;
  /** Whether it does the node's arithmetic, rather than prepare for it. */
  readonly main: boolean;
}

/** What a kernel asks for. */
export interface Launch extends ShaderParts {
  readonly kernel: string;
  readonly sizes?: readonly number[];
  /** Threads in all, for kernels of one thread an element. */
  readonly threads?: number;
  readonly workgroups?: number;
  readonly main?: boolean;
}

/** Buffers that outlive a slice, shared by the graphs of all slice sizes. */
export class KeptBuffers {
  readonly #buffers = new Map<string, Buffer>();

  get(key: string, bytes: number, contents?: Float32Array): Buffer {
    let buffer = this.#buffers.get(key);
    if (buffer === undefined) {
      buffer = { bytes, kept: true, ...(contents && { contents }) };
      this.#buffers.set(key, buffer);
    }
    return buffer;
  }
}

/** What a device can do, or was asked to do, beyond what every GPU does. */
export interface Abilities {
  /** Keep activations and their gradients as 16-bit floats. */
  readonly halves: boolean;
  /** Operations among the threads of a subgroup. */
  readonly subgroups: boolean;
  /** Products of small 16-bit matrices by a whole subgroup (tensor cores). */
  readonly matrices: MatrixShape | undefined;
}

/** What a tensor core multiplies: [m, k] by [k, n], by so many threads. */
export interface MatrixShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly threads: number;
}

export interface LoweringContext {
  readonly kept: KeptBuffers;
  /** Whether one slice is the whole batch, so that a sum over slices is that slice's share. */
  readonly single: boolean;
  /** What kernels may count on. */
  readonly abilities: Abilities;
  /** The buffer of a state. */
  state(name: string, bytes: number): Buffer;
}

export class Lowering {
  readonly lists: { readonly [P in Phase]: Dispatch[] } = { step: [], slice: [], finish: [] };
  readonly images: number;
  readonly abilities: Abilities;
  /** Sums over slices, cleared before the first slice; none if there is one slice. */
  readonly sums: Buffer[] = [];
  readonly #around: LoweringContext;
  readonly #order: readonly Node[];
  readonly #index = new Map<Node, number>();
  readonly #buffers = new Map<Node, Buffer>();
  readonly #covered = new Set<OpNode>();
  readonly #exposed: ReadonlySet<Node>;
  readonly #gradients: ReadonlySet<Node>;
  #current: OpNode | undefined;

  constructor(graph: Graph, images: number, around: LoweringContext) {
    this.images = images;
    this.abilities = around.abilities;
    this.#around = around;
    this.#order = topologicalOrder(rootsOf(graph));
    this.#exposed = exposedNodes(graph);
    this.#gradients = gradientsIn(this.#order);
    for (const [i, node] of this.#order.entries()) this.#index.set(node, i);
    for (const node of this.#order) {
      if (node.kind !== "op") continue;
      this.#current = node;
      if (!this.#covered.has(node)) kernelOf(node).lower(node as never, this);
    }
    this.#current = undefined;
  }

  /** Where a node's value is. */
  buffer(node: Node): Buffer {
    let buffer = this.#buffers.get(node);
    if (buffer === undefined) {
      const elements = sizeOf(node.type.shape);
      const bytes = elements * bytesPerElement[node.type.dtype];
      if (node.kind === "state") buffer = this.#around.state(node.name, bytes);
      else if (node.phase !== "slice" && !this.#around.single) {
        buffer = this.#around.kept.get(`node ${this.#index.get(node)}`, bytes);
      } else if (this.abilities.halves && mayBeHalf(node) && !this.#exposed.has(node)) {
        const scale = this.isGradient(node) ? gradientScale(this.images) : 1;
        buffer = { bytes: 2 * elements, half: { scale }, kept: false };
      } else buffer = { bytes, kept: false };
      this.#buffers.set(node, buffer);
    }
    return buffer;
  }

  /** Whether a node's value is a slope of the loss. */
  isGradient(node: Node): boolean {
    return this.#gradients.has(node);
  }

  /** Tensor cores for the product that a node is, if 16-bit floats hold its factors: small gradients would vanish. */
  matricesFor(node: OpNode): MatrixShape | undefined {
    const held = node.inputs.every((input) => this.buffer(input).half || !this.isGradient(input));
    return held ? this.abilities.matrices : undefined;
  }

  /** Room that is in use only between dispatches of one node. */
  scratch(elements: number): Buffer {
    return { bytes: 4 * elements, kept: false };
  }

  /** A buffer of constants of the node that is being lowered. */
  constant(name: string, contents: Float32Array): Buffer {
    const key = `constant ${name} of node ${this.#index.get(this.#current!)}`;
    return this.#around.kept.get(key, contents.byteLength, contents);
  }

  /** Lets a node share the buffer of another one that holds the same bytes. */
  alias(node: Node, of: Node): void {
    this.#buffers.set(node, this.buffer(of));
  }

  /** See {@link twinOf}. */
  twin(node: OpNode, op: AnyOp): OpNode | undefined {
    return twinOf(this.#order, node, op);
  }

  /** Says that the dispatches so far compute this node as well. */
  covered(node: OpNode): void {
    this.#covered.add(node);
  }

  /** Adds a dispatch to the phase of the node that is being lowered. */
  launch({ kernel, sizes = [], threads, workgroups, main = true, ...parts }: Launch, phase?: Phase): void {
    const node = this.#current!;
    const groups = workgroups ?? Math.ceil((threads ?? 1) / groupSize);
    const at = phase ?? node.phase;
    const buffers = [...(parts.reads ?? []), ...parts.writes].map(({ buffer }) => buffer);
    const wgsl = shader(parts);
    this.lists[at].push({ wgsl, buffers, sizes, workgroups: groups, kernel, node, phase: at, main });
  }

  /** A sum over slices; see the op. */
  sumSlices(node: OpNode): void {
    const [part] = node.inputs as [Node];
    if (this.#around.single) {
      this.alias(node, part);
      return;
    }
    const total = this.buffer(node);
    this.sums.push(total);
    const elements = sizeOf(node.type.shape);
    this.launch(addInto(this.buffer(part), total, elements), "slice");
  }
}
