/** Turns a graph into dispatches of kernels over buffers; the buffers get GPU memory later. */

import { type Graph, type Node, type OpNode, type Phase, sizeOf } from "../../graph/node.ts";
import { GraphLowering, type PersistentBuffers } from "../lowering.ts";
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

export interface LoweringContext {
  readonly persistent: PersistentBuffers<Buffer>;
  /** Whether one slice is the whole batch, so that a sum over slices is that slice's share. */
  readonly single: boolean;
  readonly capabilities: Capabilities;
  /** Where the slice's values go among the partial sums: a `SumPosition`, u32 [2]. */
  readonly sumPosition: Buffer;
  /** The buffer of a state. */
  state(name: string, bytes: number): Buffer;
}

export class Lowering extends GraphLowering<Buffer, Dispatch> {
  readonly capabilities: Capabilities;
  /** Sums over slices, whose memory holds the partial sums too; none if there is one slice. */
  readonly sums = new Set<Buffer>();
  readonly #context: LoweringContext;
  readonly #results: ReadonlySet<Node>;
  readonly #gradients: ReadonlySet<Node>;

  constructor(graph: Graph, images: number, context: LoweringContext) {
    super(graph, images, context.persistent);
    this.capabilities = context.capabilities;
    this.#context = context;
    this.#results = resultNodes(graph);
    this.#gradients = gradientNodes(this.order);
    this.lowerNodes();
  }

  protected lowerOp(node: OpNode): void {
    kernelOf(node).lower(node as never, this);
  }

  protected createBuffer(node: Node, bytes: number): Buffer {
    if (node.kind === "state") return this.#context.state(node.name, bytes);
    if (node.phase !== "slice" && !this.#context.single) return this.persistentBuffer(node, bytes);
    if (!this.capabilities.mixedPrecision || !canStoreF16(node) || this.#results.has(node)) {
      return { bytes, persistent: false };
    }
    const scale = this.isGradient(node) ? gradientScale(this.images) : 1;
    return { bytes: 2 * sizeOf(node.type.shape), f16: { scale }, persistent: false };
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

  /** Adds a dispatch to the phase of the node that is being lowered. */
  launch({ kernel, sizes = [], threads, workgroups, main = true, ...parts }: Launch, phase?: Phase): void {
    const node = this.current!;
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
