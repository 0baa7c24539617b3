/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What training and everything after it know of a backend: a device owns named state (weights) and compiles
 * graphs into programs that run whole batches.
 */
import type { DType, Graph, InputNode, Phase } from "../graph/node.ts";
import type { Communicator } from "../ranks/communicator.ts";

/** A tensor in the caller's memory, in the engine's layout. */
export interface HostTensor {
  /** In the engine's layout: activations [N, H, W, C], weights [K, K, Cin, Cout]. */
  readonly shape: readonly number[];
  /** Element type; `data` is an array of it. */
  readonly dtype: DType;
  /** Row-major. */
  readonly data: Float32Array | Uint8Array | Uint32Array;
}

/** Values that survive between runs, by name; owned by its creator. */
export interface DeviceState extends Disposable {
  /** The names of the values. */
  readonly names: readonly string[];
  /** @returns a copy in float32 */
  read(name: string): Promise<Float32Array>;
  /** Replaces a value; the length must match. */
  write(name: string, data: Float32Array): Promise<void>;
}

/** A compiled graph, bound to a state. */
export interface Program extends Disposable {
  /**
   * What {@link run} takes, by name, in the graph's order. The leading length of slice-phase inputs counts images and
   * may be any number there.
   */
  readonly inputs: ReadonlyMap<string, InputNode>;

  /**
   * Runs one batch of any size, in slices. Sums over slices are added in the tree that slice-sums.ts describes.
   *
   * @param inputs - a value for each of `inputs`; slice-phase inputs share their leading length
   * @returns every output of the graph by name
   */
  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>>;

  /** Runs one batch as {@link run} does and says where the time went; left out where a backend cannot tell. */
  profile?(inputs: Readonly<Record<string, HostTensor>>): Promise<readonly ProfileRow[]>;
}

/** Time spent on one instruction of a program during one run. */
export interface ProfileRow {
  /** The op that it computes or helps to; undefined where data is only moved or cleared. */
  readonly op: string | undefined;
  /** What runs. */
  readonly kernel: string;
  /** Shape of the op's result. */
  readonly shape: readonly number[] | undefined;
  /** Whether it ran once a step or once a slice. */
  readonly phase: Phase;
  /** How often it ran: once, or once a slice. */
  readonly runs: number;
  /** Of all its runs. */
  readonly seconds: number;
  /** Floating point operations of all its runs, as the op defines them. */
  readonly flops: number;
  /** Bytes of the tensors read and written, of all its runs. */
  readonly bytes: number;
}

/** How a graph is compiled. */
export interface CompileOptions {
  /**
   * Images a slice at most. Default: what `defaultSliceSize` says for the graph; on a GPU as many images as its memory
   * allows, unless the result depends on the slices: see `mixesImages`.
   */
  readonly sliceSize?: number;
  /** Names of the rewriting passes to leave out; `all` leaves out every one. */
  readonly without?: readonly string[];
  /**
   * Shares the slices of each batch out among its ranks: every rank runs the program with the same whole batch, computes
   * its part, and has the same outputs and states afterwards, to the bit those of one process. Default: one process
   */
  readonly communicator?: Communicator | undefined;
}

/** What can be said about an adapter. */
export interface AdapterDescription {
  /** E.g. `nvidia hopper`. */
  readonly name: string;
  /** The interface that is driven: `WebGPU`, and the driver's own description where it gives one. */
  readonly backend: string;
  /** Whether a CPU does the work. */
  readonly software: boolean;
  /** WebGPU features that the adapter has, e.g. `shader-f16`. */
  readonly features: readonly string[];
  /** With precision `f16`: what its tensor cores multiply at a time, or why they are not used. */
  readonly tensorCores?: string;
  /** Bytes of the largest buffer, and of the largest that a kernel may use. */
  readonly limits: {
    /** Bytes of the largest buffer. */
    readonly maxBufferSize: number;
    /** Bytes of a buffer that one kernel may use. */
    readonly maxStorageBufferBindingSize: number;
    /** Bytes that the threads of a workgroup may share. */
    readonly maxComputeWorkgroupStorageSize: number;
    /** Threads of a workgroup. */
    readonly maxComputeInvocationsPerWorkgroup: number;
  };
}

/** Where programs run; owns threads and memory. */
export interface Device extends Disposable {
  /** What computes: float64 loops, WebAssembly, or WebGPU. */
  readonly kind: "reference" | "cpu" | "gpu";
  /** One line for people, e.g. `cpu (WebAssembly, relaxed SIMD 256-bit, 2 threads)`. */
  readonly description: string;
  /** Threads that compute. */
  readonly threads: number;
  /**
   * How many runs may be sent before the results of an earlier one are read. 0 where a run takes the processor that
   * would send the next; on a GPU it has work while results travel and are dealt with.
   */
  readonly runsAhead: number;
  /** Bytes of the most memory that it has had for states and programs so far; left out where it cannot tell. */
  readonly peakBytes?: number;
  /** What a GPU is and can do; left out elsewhere. */
  readonly adapter?: AdapterDescription;

  /** Allocates values that programs of this device read and update; dispose of the state when they are done. */
  createState(values: Readonly<Record<string, HostTensor>>): Promise<DeviceState>;

  /**
   * Compiles a graph for this device; dispose of the program when it is done.
   *
   * @param trace - builds the graph for a slice of `images` images; called once for each slice size met.
   *   Graphs of different slice sizes must differ in their slice-phase shapes only.
   */
  compile(trace: (images: number) => Graph, state: DeviceState, options?: CompileOptions): Program;
}
