/** What a lowered graph is made of: kernels that run over buffers. */
import type { OpNode, Phase } from "../../graph/node.ts";

/** A range of GPU memory that dispatches read and write; it is given memory when its graph is bound. */
export interface Buffer {
  readonly bytes: number;
  /** It holds 16-bit floats: the values times `scale`, a power of two. */
  readonly f16?: { readonly scale: number };
  /** Uploaded once; nothing else writes to it. */
  readonly contents?: Float32Array;
  /** Has memory of its own, which outlives a slice; else it may share memory with buffers of other lifetimes. */
  readonly persistent: boolean;
}

/** One kernel launch over buffers. */
export interface Dispatch {
  readonly wgsl: string;
  /** In the order of the kernel's bindings; the sizes come last. */
  readonly buffers: readonly Buffer[];
  /** At most four. */
  readonly sizes: readonly number[];
  readonly workgroups: number;
  /** Name of the kernel, for profiles. */
  readonly kernel: string;
  /** The node that it computes, or helps to compute. */
  readonly node: OpNode | undefined;
  readonly phase: Phase;
  /** Whether it does the node's arithmetic rather than prepare for it. */
  readonly main: boolean;
}
