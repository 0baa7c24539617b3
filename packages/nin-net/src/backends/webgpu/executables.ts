/** Compiles a program's graph for batches of any size: chooses slices that fit the GPU's memory, and binds them to it. */
import { NinError } from "../../core/errors.ts";
import type { Graph } from "../../graph/node.ts";
import { partialSums } from "../slice-sums.ts";
import { type BoundGraph, bindGraph, uniformStride } from "./bound-graph.ts";
import type { Buffer, Dispatch } from "./dispatch.ts";
import { GpuMemoryError, moreMemory } from "./errors.ts";
import type { GpuHost } from "./host.ts";
import { type LoweredGraph, LoweredGraphs } from "./lowered-graphs.ts";
import { mebibytes } from "./memory.ts";
import { type Slot, totalBytes } from "./plan-memory.ts";
import type { WebGpuState } from "./state.ts";
import { BufferUsage, tensorUsage } from "./usage.ts";

/** A lowered graph with its compiled kernels. */
interface Executable {
  readonly lowered: LoweredGraph;
  readonly pipelines: ReadonlyMap<string, GPUComputePipeline>;
  readonly uniforms: GPUBuffer;
  bound: BoundGraph | undefined;
  /** Of the shared memory that `bound` refers to. */
  generation: number;
}

/** What runs a batch. */
export interface BatchExecutable {
  /** Of whole slices; of the whole batch if it is one slice. */
  readonly whole: BoundGraph;
  /** Of the last slice, if it has fewer images. */
  readonly remainder: BoundGraph | undefined;
  readonly sliceSize: number;
}

export class Executables implements Disposable {
  readonly #host: GpuHost;
  readonly #state: WebGpuState;
  readonly #lowered: LoweredGraphs;
  /** The caller's choice; undefined if it is ours. */
  readonly #sliceSize: number | undefined;
  /** The most images a slice that the memory allows, as far as that is known. */
  #mostImages = Number.POSITIVE_INFINITY;
  readonly #compiled = new Map<LoweredGraph, Executable>();
  /** Partial sums that the memory of a sum over slices holds; see slice-sums.ts. */
  #partialSums = 1;
  /** Memory of persistent buffers, the state's left out. */
  readonly #persistent = new Map<Buffer, GPUBuffer>();

  constructor(
    host: GpuHost,
    state: WebGpuState,
    trace: (images: number) => Graph,
    sliceSize: number | undefined,
  ) {
    this.#host = host;
    this.#state = state;
    this.#lowered = new LoweredGraphs(trace, host.capabilities, state);
    this.#sliceSize = sliceSize;
  }

  /** A graph as it runs, of some slice size. */
  get graph(): Graph {
    return this.#lowered.get(this.#sliceSize ?? 1, true).graph;
  }

  /** Compiles for a batch, in smaller slices as long as memory is short and the slice size is ours to choose. */
  async forBatch(images: number): Promise<BatchExecutable> {
    for (;;) {
      const sliceSize = this.#sliceSize ?? this.#fitting(Math.min(images, this.#mostImages));
      try {
        return { ...(await this.#inSlices(images, sliceSize)), sliceSize };
      } catch (error) {
        const used = Math.min(images, sliceSize);
        if (!(error instanceof GpuMemoryError)) throw error;
        if (this.#sliceSize !== undefined || used === 1) throw await this.#withAdvice(error, used);
        this.#mostImages = Math.floor(used / 2);
      }
    }
  }

  async #inSlices(images: number, sliceSize: number): Promise<Omit<BatchExecutable, "sliceSize">> {
    if (images <= sliceSize) return { whole: await this.#ready(images, true), remainder: undefined };
    this.#holdPartialSums(partialSums(Math.ceil(images / sliceSize)));
    const whole = await this.#ready(sliceSize, false);
    const rest = images % sliceSize;
    if (rest === 0) return { whole, remainder: undefined };
    const remainder = await this.#ready(rest, false);
    // The smaller slice may have moved shared memory.
    return { whole: await this.#ready(sliceSize, false), remainder };
  }

  /** Gives sums over slices memory for so many partial sums when they are bound next. */
  #holdPartialSums(count: number): void {
    if (count <= this.#partialSums) return;
    this.#partialSums = count;
    for (const executable of this.#compiled.values()) {
      for (const sum of executable.lowered.lowering.sums) this.#free(sum);
      executable.bound = undefined;
    }
  }

  /** The error for a slice of so many images, and how many would fit: found by trying. */
  async #withAdvice({ message }: GpuMemoryError, images: number): Promise<GpuMemoryError> {
    const { memory } = this.#host;
    let fits = images;
    do fits = Math.floor(fits / 2);
    while (fits > 0 && !(await memory.hasRoomFor(this.#lowered.get(fits, true).slots)));
    const instead =
      fits > 0
        ? `There is room for about ${fits}: compile with a sliceSize of ${fits}, or without one.`
        : `Use smaller images. ${moreMemory}`;
    return new GpuMemoryError(`${message} ${instead}`);
  }

  /** The most images a slice, at most so many, whose tensors the GPU's limits and the budget allow. */
  #fitting(images: number): number {
    const { largest, budget } = this.#host.memory;
    let count = images;
    while (count > 1) {
      const lowered = this.#lowered.get(count, true);
      if (largestBytes(lowered.slots) <= largest && totalBytes(lowered.slots) <= budget) break;
      this.#lowered.delete(lowered);
      count = Math.ceil(count / 2);
    }
    this.#mostImages = Math.min(this.#mostImages, count < images ? count : Number.POSITIVE_INFINITY);
    return count;
  }

  /** @param single - whether this slice is the whole batch */
  async #ready(images: number, single: boolean): Promise<BoundGraph> {
    const lowered = this.#lowered.get(images, single);
    let executable = this.#compiled.get(lowered);
    if (executable === undefined) {
      executable = await this.#compile(lowered);
      this.#compiled.set(lowered, executable);
    }
    const { generation } = this.#host.memory;
    if (executable.bound === undefined || executable.generation !== generation) await this.#bind(executable);
    return executable.bound!;
  }

  async #compile(lowered: LoweredGraph): Promise<Executable> {
    const { dispatches, images } = lowered;
    this.#checkSizes(lowered);
    const sources = [...new Set(dispatches.map(({ wgsl }) => wgsl))];
    const made = await Promise.all(sources.map((wgsl) => this.#host.pipelines.get(wgsl)));
    const pipelines = new Map(sources.map((wgsl, i) => [wgsl, made[i]!]));
    const uniforms = await this.#host.memory.checked(
      () => this.#uploadSizes(dispatches),
      imagesAtOnce(images),
      "",
    );
    return { lowered, pipelines, uniforms, bound: undefined, generation: -1 };
  }

  #checkSizes({ slots, images }: LoweredGraph): void {
    const { largest } = this.#host.memory;
    const bytes = largestBytes(slots);
    if (bytes <= largest) return;
    throw new GpuMemoryError(
      `The GPU takes tensors of ${mebibytes(largest)} at most, and ${imagesAtOnce(images)} need${images === 1 ? "s" : ""} one of ${mebibytes(bytes)}.`,
    );
  }

  /** Numbers that differ between slice sizes, one uniform a dispatch. */
  #uploadSizes(dispatches: readonly Dispatch[]): GPUBuffer {
    const data = new Uint32Array((uniformStride / 4) * Math.max(1, dispatches.length));
    dispatches.forEach(({ sizes }, i) => {
      data.set(sizes, (uniformStride / 4) * i);
    });
    const usage = BufferUsage.uniform | BufferUsage.copyTarget;
    const buffer = this.#host.memory.allocate(data.byteLength, usage);
    this.#host.gpu.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  /** Gives every buffer memory, and binds it. */
  async #bind(executable: Executable): Promise<void> {
    const { lowered, pipelines, uniforms } = executable;
    const { memory, gpu } = this.#host;
    await this.#allocate(lowered);
    executable.generation = memory.generation;
    const shared = new Map<Buffer, GPUBuffer>();
    lowered.slots.forEach(({ buffers }, i) => {
      for (const buffer of buffers) shared.set(buffer, memory.slot(i));
    });
    const memoryOf = (buffer: Buffer) =>
      shared.get(buffer) ?? this.#persistent.get(buffer) ?? this.#state.memoryOf(buffer)!;
    const { sumPosition } = this.#lowered;
    executable.bound = bindGraph(lowered, { gpu, pipelines, uniforms, sumPosition, memoryOf });
  }

  async #allocate({ lowering, dispatches, slots, images }: LoweredGraph): Promise<void> {
    const { memory } = this.#host;
    const before = new Set(this.#persistent.keys());
    const allocations = () => {
      memory.provide(slots);
      for (const sum of lowering.sums) this.#allocateSum(sum);
      for (const buffer of lowering.buffers()) this.#allocatePersistent(buffer);
      for (const { buffers } of dispatches) for (const buffer of buffers) this.#allocatePersistent(buffer);
    };
    try {
      const what = `${imagesAtOnce(images)}, ${mebibytes(totalBytes(slots))} of tensors`;
      await memory.checked(allocations, what, "");
    } catch (error) {
      // Some allocations may have failed: the next attempt starts without them.
      for (const buffer of this.#persistent.keys()) if (!before.has(buffer)) this.#free(buffer);
      throw error;
    }
  }

  /** Memory for a sum over slices, which is the lowest of its partial sums. */
  #allocateSum(sum: Buffer): void {
    if (this.#persistent.has(sum)) return;
    const { memory } = this.#host;
    const bytes = sum.bytes * this.#partialSums;
    if (bytes > memory.largest) {
      throw new NinError(
        `The GPU takes tensors of ${mebibytes(memory.largest)} at most, and ${this.#partialSums} partial sums of a gradient need ${mebibytes(bytes)}. Use a smaller batch or larger slices: there are fewer then.`,
      );
    }
    this.#persistent.set(sum, memory.allocate(bytes));
  }

  /** Memory for a persistent buffer; states have theirs already. */
  #allocatePersistent(buffer: Buffer): void {
    if (!buffer.persistent || this.#persistent.has(buffer) || this.#state.memoryOf(buffer)) return;
    const memory = this.#host.memory.allocate(buffer.bytes, tensorUsage);
    if (buffer.contents) this.#host.gpu.queue.writeBuffer(memory, 0, buffer.contents.slice());
    this.#persistent.set(buffer, memory);
  }

  #free(buffer: Buffer): void {
    this.#persistent.get(buffer)?.destroy();
    this.#persistent.delete(buffer);
  }

  [Symbol.dispose](): void {
    for (const memory of this.#persistent.values()) memory.destroy();
    for (const { uniforms } of this.#compiled.values()) uniforms.destroy();
  }
}

/** Slots are sorted by size. */
function largestBytes(slots: readonly Slot[]): number {
  return slots[0]?.bytes ?? 0;
}

/** How messages name a slice. */
export function imagesAtOnce(count: number): string {
  return count === 1 ? "one image" : `${count} images at once`;
}
