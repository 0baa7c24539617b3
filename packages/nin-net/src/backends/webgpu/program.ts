import { DisposedError, NinError } from "../../core/errors.ts";
import { checkGraph } from "../../graph/check.ts";
import {
  bytesPerElement,
  type Graph,
  type InputNode,
  type Node,
  type Phase,
  rootsOf,
  sizeOf,
  sliceStart,
  topologicalOrder,
} from "../../graph/node.ts";
import { costOf } from "../../graph/op.ts";
import type { HostTensor, ProfileRow, Program } from "../backend.ts";
import { AlikeGraphs } from "../checks.ts";
import { arrays, callerInputs, checkInputs } from "../inputs.ts";
import type { WebGpuDevice } from "./device.ts";
import { GpuMemoryError, moreMemory } from "./errors.ts";
import { type Buffer, type Dispatch, KeptBuffers, Lowering } from "./lowering.ts";
import { mebibytes } from "./memory.ts";
import { planMemory, type Slot } from "./plan-memory.ts";
import type { WebGpuState } from "./state.ts";
import { DispatchTimer } from "./timer.ts";
import { BufferUsage, mapModeRead, tensorUsage } from "./usage.ts";

/** Offsets of uniforms are multiples of this on every GPU. */
const uniformStride = 256;
/** Workgroups along one axis, on every GPU. */
const mostWorkgroups = 65535;

/** A graph lowered for one slice size. */
interface Lowered {
  readonly graph: Graph;
  readonly images: number;
  readonly lowering: Lowering;
  readonly slots: readonly Slot[];
  /** Old values of states that other states take: kept until all are written. */
  readonly swapped: ReadonlyMap<Node, Buffer>;
}

/** A dispatch ready to be encoded. */
interface Ready {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

interface Compiled extends Lowered {
  readonly pipelines: ReadonlyMap<string, GPUComputePipeline>;
  readonly sizes: GPUBuffer;
  ready: { readonly [P in Phase]: readonly Ready[] } | undefined;
  /** Of the memory that `ready` refers to. */
  generation: number;
}

/** Where a result lies in the buffer that is read back. */
interface Region {
  readonly name: string;
  readonly node: Node;
  readonly offset: number;
  readonly bytes: number;
}

/** A graph compiled for the GPU, once for each slice size that is met; a batch is one submission of commands. */
export class WebGpuProgram implements Program {
  readonly profile?: (inputs: Readonly<Record<string, HostTensor>>) => Promise<readonly ProfileRow[]>;
  readonly #device: WebGpuDevice;
  readonly #state: WebGpuState;
  readonly #trace: (images: number) => Graph;
  /** The caller's choice. */
  readonly #sliceSize: number | undefined;
  /** What the memory allows, once that is known. */
  #mostImages = Number.POSITIVE_INFINITY;
  readonly #kept = new KeptBuffers();
  readonly #lowered = new Map<string, Lowered>();
  readonly #compiled = new Map<string, Compiled>();
  /** Memory of this program's own. */
  readonly #owned = new Map<Buffer, GPUBuffer>();
  readonly #uniforms: GPUBuffer[] = [];
  readonly #alike = new AlikeGraphs();
  #inputs: ReadonlyMap<string, InputNode> | undefined;
  #disposed = false;

  constructor(
    device: WebGpuDevice,
    state: WebGpuState,
    trace: (images: number) => Graph,
    sliceSize: number | undefined,
  ) {
    this.#device = device;
    this.#state = state;
    this.#trace = trace;
    this.#sliceSize = sliceSize;
    if (device.gpu.features.has("timestamp-query")) this.profile = (inputs) => this.#profile(inputs);
  }

  get inputs(): ReadonlyMap<string, InputNode> {
    this.#inputs ??= callerInputs(this.#lower(this.#sliceSize ?? 1, true).graph);
    return this.#inputs;
  }

  async run(inputs: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>> {
    const { results } = await this.#device.guarded(() => this.#submit(inputs));
    return this.#device.explained(results);
  }

  async #profile(inputs: Readonly<Record<string, HostTensor>>): Promise<readonly ProfileRow[]> {
    const timer = new DispatchTimer(this.#device.gpu);
    try {
      const { results } = await this.#device.guarded(() => this.#submit(inputs, timer));
      await this.#device.explained(results);
      const seconds = await this.#device.explained(() => timer.seconds());
      return profileRows(timer.dispatches, seconds);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /** Puts a batch on the queue. @returns what waits for its results */
  async #submit(
    inputs: Readonly<Record<string, HostTensor>>,
    timer?: DispatchTimer,
  ): Promise<{ readonly results: () => Promise<Readonly<Record<string, HostTensor>>> }> {
    this.#check();
    const images = checkInputs(this.inputs, inputs) ?? 1;
    const { whole, rest, sliceSize } = await this.#compileFor(images);
    const { gpu, memory } = this.#device;

    gpu.pushErrorScope("out-of-memory");
    gpu.pushErrorScope("validation");
    const encoder = gpu.createCommandEncoder();
    const regions: Region[] = [];
    let readBytes = 0;
    const region = (name: string, node: Node): Region => {
      const bytes = Math.ceil(bytesOf(node) / 4) * 4;
      const made = { name, node, offset: readBytes, bytes };
      readBytes += bytes;
      regions.push(made);
      return made;
    };
    const slices = Math.ceil(images / sliceSize);
    const planned = Array.from({ length: slices }, (_, i) => {
      const compiled = i === slices - 1 ? (rest ?? whole) : whole;
      const outputs = Object.entries(compiled.graph.outputs).filter(([, node]) => node.phase === "slice");
      return {
        compiled,
        start: i * sliceSize,
        outputs: outputs.map(([name, node]) => region(name, node)),
      };
    });
    const finalOutputs = Object.entries(whole.graph.outputs)
      .filter(([, node]) => node.phase !== "slice")
      .map(([name, node]) => region(name, node));
    const readback = readBytes > 0 ? memory.readback(readBytes) : undefined;
    const copyOut = (compiled: Compiled, of: readonly Region[]): void => {
      for (const { node, offset, bytes } of of) {
        const from = this.#place(compiled, compiled.lowering.buffer(node));
        encoder.copyBufferToBuffer(from, 0, readback!, offset, bytes);
      }
    };

    this.#writeStepInputs(whole, inputs);
    const staged = slices > 1 ? new Staging(this.#device, encoder) : undefined;
    this.#encode(encoder, whole.ready!.step, timer);
    for (const sum of new Set(whole.lowering.sums)) encoder.clearBuffer(this.#place(whole, sum));
    for (const { compiled, start, outputs } of planned) {
      this.#writeSliceInputs(compiled, inputs, start, staged);
      this.#encode(encoder, compiled.ready!.slice, timer);
      copyOut(compiled, outputs);
    }
    this.#encode(encoder, whole.ready!.finish, timer);
    copyOut(whole, finalOutputs);
    this.#encodeUpdates(encoder, whole);
    staged?.upload();
    timer?.resolve(encoder);
    gpu.queue.submit([encoder.finish()]);
    staged?.[Symbol.dispose]();
    const errors = Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
    return {
      results: async () => {
        const [error, tooLarge] = await errors;
        if (tooLarge) {
          throw new GpuMemoryError(
            `The GPU has too little memory for what goes in and out of ${imagesAtOnce(images)}: ${tooLarge.message.split("\n")[0]}. Use a smaller batch. ${moreMemory}`,
          );
        }
        if (error) throw new NinError(`The GPU refused a run: ${error.message}`);
        if (readback === undefined) {
          await gpu.queue.onSubmittedWorkDone();
          this.#device.check();
          return {};
        }
        await readback.mapAsync(mapModeRead, 0, readBytes);
        const bytes = readback.getMappedRange(0, readBytes).slice(0);
        memory.giveBack(readback);
        return resultsFrom(bytes, regions);
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#device.exclusive(async () => {
      for (const memory of [...this.#owned.values(), ...this.#uniforms]) memory.destroy();
    });
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("A program");
    this.#state.check();
  }

  /** Compiles for a batch, in smaller slices as long as the memory does not suffice and the choice is ours. */
  async #compileFor(
    images: number,
  ): Promise<{ readonly whole: Compiled; readonly rest: Compiled | undefined; readonly sliceSize: number }> {
    for (;;) {
      const sliceSize = this.#sliceSize ?? this.#fitting(Math.min(images, this.#mostImages));
      const single = images <= sliceSize;
      try {
        if (single) return { whole: await this.#compile(images, true), rest: undefined, sliceSize };
        const whole = await this.#compile(sliceSize, false);
        const left = images % sliceSize;
        const rest = left > 0 ? await this.#compile(left, false) : undefined;
        // The smaller slice may have moved shared memory.
        await this.#prepare(whole);
        return { whole, rest, sliceSize };
      } catch (error) {
        const used = Math.min(images, sliceSize);
        if (!(error instanceof GpuMemoryError)) throw error;
        if (this.#sliceSize !== undefined || used === 1) throw await this.#withAdvice(error, used);
        this.#mostImages = Math.floor(used / 2);
      }
    }
  }

  /** The error for a slice of so many images, and how many would fit: found by trying. */
  async #withAdvice({ message }: GpuMemoryError, images: number): Promise<GpuMemoryError> {
    const { memory } = this.#device;
    let fits = images;
    do fits = Math.floor(fits / 2);
    while (fits > 0 && !(await memory.hasRoomFor(this.#lower(fits, true).slots)));
    const instead =
      fits > 0
        ? `There is room for about ${fits}: compile with a sliceSize of ${fits}, or without one.`
        : `Use smaller images. ${moreMemory}`;
    return new GpuMemoryError(`${message} ${instead}`);
  }

  /** The most images a slice, at most so many, whose tensors the GPU's limits allow. */
  #fitting(images: number): number {
    let count = images;
    while (count > 1) {
      const { slots } = this.#lower(count, true);
      const { largest, budget } = this.#device.memory;
      if ((slots[0]?.bytes ?? 0) <= largest && totalBytes(slots) <= budget) break;
      this.#lowered.delete(`${count} true`);
      count = Math.ceil(count / 2);
    }
    this.#mostImages = Math.min(this.#mostImages, count < images ? count : Number.POSITIVE_INFINITY);
    return count;
  }

  /** @param single - whether this slice is the whole batch */
  #lower(images: number, single: boolean): Lowered {
    const key = `${images} ${single}`;
    const known = this.#lowered.get(key);
    if (known) return known;
    const graph = this.#trace(images);
    checkGraph(graph, images);
    this.#alike.check(graph, images);
    const lowering = new Lowering(graph, images, {
      kept: this.#kept,
      single,
      abilities: this.#device.abilities,
      state: (name, bytes) => this.#state.buffer(name, bytes),
    });
    const swapped = swappedStates(graph, lowering);
    const slots = planMemory(usesOf(graph, lowering, swapped));
    const lowered = { graph, images, lowering, slots, swapped };
    this.#lowered.set(key, lowered);
    return lowered;
  }

  async #compile(images: number, single: boolean): Promise<Compiled> {
    const key = `${images} ${single}`;
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const lowered = this.#lower(images, single);
      this.#checkSizes(lowered);
      const dispatches = dispatchesOf(lowered.lowering);
      const sources = [...new Set(dispatches.map(({ wgsl }) => wgsl))];
      const made = await Promise.all(sources.map((wgsl) => this.#device.pipelines.get(wgsl)));
      const pipelines = new Map(sources.map((wgsl, i) => [wgsl, made[i]!]));
      const sizes = await this.#device.memory.checked(
        () => this.#sizes(dispatches),
        imagesAtOnce(images),
        "",
      );
      compiled = { ...lowered, pipelines, sizes, ready: undefined, generation: -1 };
      this.#compiled.set(key, compiled);
    }
    await this.#prepare(compiled);
    return compiled;
  }

  #checkSizes({ slots, images }: Lowered): void {
    const { largest } = this.#device.memory;
    const bytes = slots[0]?.bytes ?? 0;
    if (bytes <= largest) return;
    throw new GpuMemoryError(
      `The GPU takes tensors of ${mebibytes(largest)} at most, and ${imagesAtOnce(images)} need${images === 1 ? "s" : ""} one of ${mebibytes(bytes)}.`,
    );
  }

  /** Numbers that differ between slice sizes, one uniform a dispatch. */
  #sizes(dispatches: readonly Dispatch[]): GPUBuffer {
    const data = new Uint32Array((uniformStride / 4) * Math.max(1, dispatches.length));
    dispatches.forEach(({ sizes }, i) => {
      data.set(sizes, (uniformStride / 4) * i);
    });
    const usage = BufferUsage.uniform | BufferUsage.copyTarget;
    const buffer = this.#device.memory.allocate(data.byteLength, usage);
    this.#device.gpu.queue.writeBuffer(buffer, 0, data);
    this.#uniforms.push(buffer);
    return buffer;
  }

  /** Gives every buffer memory, and binds it. */
  async #prepare(compiled: Compiled): Promise<void> {
    const { memory, gpu } = this.#device;
    if (compiled.ready !== undefined && compiled.generation === memory.generation) return;
    const { lowering, slots, graph } = compiled;
    const owned = new Set(this.#owned.keys());
    try {
      await memory.checked(
        () => {
          memory.provide(slots);
          for (const node of topologicalOrder(rootsOf(graph))) this.#own(lowering.buffer(node));
          for (const { buffers } of dispatchesOf(lowering)) for (const buffer of buffers) this.#own(buffer);
          for (const sum of lowering.sums) this.#own(sum);
        },
        `${imagesAtOnce(compiled.images)}, ${mebibytes(totalBytes(slots))} of tensors`,
        "",
      );
    } catch (error) {
      // Some may be no memory at all: the next attempt starts without them.
      this.#disown((buffer) => !owned.has(buffer));
      throw error;
    }
    compiled.generation = memory.generation;
    let next = 0;
    const bind = (dispatch: Dispatch): Ready => {
      const pipeline = compiled.pipelines.get(dispatch.wgsl)!;
      const offset = uniformStride * next++;
      const resources: GPUBindingResource[] = dispatch.buffers.map((buffer) => ({
        buffer: this.#place(compiled, buffer),
        // A slot may be larger than a kernel may bind.
        size: Math.max(16, Math.ceil(buffer.bytes / 16) * 16),
      }));
      resources.push({ buffer: compiled.sizes, offset, size: 16 });
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      const group = gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      return { dispatch, pipeline, group };
    };
    const { step, slice, finish } = lowering.lists;
    compiled.ready = { step: step.map(bind), slice: slice.map(bind), finish: finish.map(bind) };
  }

  /** Memory for a buffer that keeps its place; states have theirs already. */
  #own(buffer: Buffer): void {
    if (!buffer.kept || this.#owned.has(buffer) || this.#state.places().has(buffer)) return;
    const made = this.#device.memory.allocate(buffer.bytes, tensorUsage);
    if (buffer.contents) this.#device.gpu.queue.writeBuffer(made, 0, buffer.contents.slice());
    this.#owned.set(buffer, made);
  }

  #disown(which: (buffer: Buffer) => boolean): void {
    for (const [buffer, memory] of [...this.#owned].filter(([buffer]) => which(buffer))) {
      memory.destroy();
      this.#owned.delete(buffer);
    }
  }

  #place({ slots }: Lowered, buffer: Buffer): GPUBuffer {
    const slot = slots.findIndex(({ buffers }) => buffers.includes(buffer));
    if (slot >= 0) return this.#device.memory.slot(slot);
    return this.#owned.get(buffer) ?? this.#state.places().get(buffer)!;
  }

  #writeStepInputs(whole: Compiled, inputs: Readonly<Record<string, HostTensor>>): void {
    // The nodes of this slice size's own graph.
    for (const node of callerInputs(whole.graph).values()) {
      if (node.phase === "step")
        this.#upload(this.#place(whole, whole.lowering.buffer(node)), inputs[node.name]!.data);
    }
  }

  /** @param staged - carries the slices' inputs if there are several: all of them are written before the commands run */
  #writeSliceInputs(
    compiled: Compiled,
    inputs: Readonly<Record<string, HostTensor>>,
    start: number,
    staged: Staging | undefined,
  ): void {
    for (const node of sliceInputs(compiled.graph)) {
      const each = sizeOf(node.type.shape) / compiled.images;
      const data =
        node === sliceStart
          ? Uint32Array.of(start)
          : inputs[node.name]!.data.subarray(start * each, (start + compiled.images) * each);
      const to = this.#place(compiled, compiled.lowering.buffer(node));
      if (staged) staged.copy(wholeWords(data), to);
      else this.#upload(to, data);
    }
  }

  #upload(to: GPUBuffer, data: HostTensor["data"]): void {
    this.#device.gpu.queue.writeBuffer(to, 0, wholeWords(data));
  }

  #encode(encoder: GPUCommandEncoder, list: readonly Ready[], timer: DispatchTimer | undefined): void {
    if (list.length === 0) return;
    let pass = timer ? undefined : encoder.beginComputePass();
    for (const { dispatch, pipeline, group } of list) {
      if (timer) pass = timer.beginPass(encoder, dispatch);
      const across = Math.min(dispatch.workgroups, mostWorkgroups);
      pass!.setPipeline(pipeline);
      pass!.setBindGroup(0, group);
      pass!.dispatchWorkgroups(across, Math.ceil(dispatch.workgroups / across));
      if (timer) pass!.end();
    }
    if (!timer) pass!.end();
  }

  /** New values of states, after everything else. */
  #encodeUpdates(encoder: GPUCommandEncoder, compiled: Compiled): void {
    const { graph, lowering, swapped } = compiled;
    const copy = (from: Buffer, to: Buffer) => {
      const bytes = Math.ceil(to.bytes / 4) * 4;
      encoder.copyBufferToBuffer(this.#place(compiled, from), 0, this.#place(compiled, to), 0, bytes);
    };
    for (const [value, kept] of swapped) copy(lowering.buffer(value), kept);
    for (const [state, value] of graph.updates) {
      const from = swapped.get(value) ?? lowering.buffer(value);
      copy(from, lowering.buffer(state));
    }
  }
}

/** Inputs of several slices in one buffer, copied from there to where each slice wants them. */
class Staging implements Disposable {
  readonly #device: WebGpuDevice;
  readonly #encoder: GPUCommandEncoder;
  readonly #parts: { readonly data: Uint8Array<ArrayBuffer>; readonly buffer: GPUBuffer }[] = [];

  constructor(device: WebGpuDevice, encoder: GPUCommandEncoder) {
    this.#device = device;
    this.#encoder = encoder;
  }

  copy(data: Uint8Array<ArrayBuffer>, to: GPUBuffer): void {
    const usage = BufferUsage.copySource | BufferUsage.copyTarget;
    const buffer = this.#device.memory.allocate(data.length, usage);
    this.#parts.push({ data, buffer });
    this.#encoder.copyBufferToBuffer(buffer, 0, to, 0, data.length);
  }

  upload(): void {
    for (const { data, buffer } of this.#parts) this.#device.gpu.queue.writeBuffer(buffer, 0, data);
  }

  [Symbol.dispose](): void {
    for (const { buffer } of this.#parts) buffer.destroy();
  }
}

function totalBytes(slots: readonly Slot[]): number {
  return slots.reduce((sum, { bytes }) => sum + bytes, 0);
}

function imagesAtOnce(count: number): string {
  return count === 1 ? "one image" : `${count} images at once`;
}

function dispatchesOf({ lists }: Lowering): Dispatch[] {
  return [...lists.step, ...lists.slice, ...lists.finish];
}

function sliceInputs(graph: Graph): InputNode[] {
  return topologicalOrder(rootsOf(graph)).filter(
    (node): node is InputNode => node.kind === "input" && node.phase === "slice",
  );
}

/** Buffers in use, dispatch by dispatch, with what is written before and read after them. */
function usesOf(graph: Graph, lowering: Lowering, swapped: ReadonlyMap<Node, Buffer>): Buffer[][] {
  const { step, slice, finish } = lowering.lists;
  const buffersOf = (list: readonly Dispatch[]) => list.map(({ buffers }) => [...buffers]);
  const inputs = topologicalOrder(rootsOf(graph)).filter((node) => node.kind === "input");
  const bufferOf = (node: Node) => lowering.buffer(node);
  const outputs = Object.values(graph.outputs);
  return [
    // Written before the commands run.
    inputs.map(bufferOf),
    ...buffersOf(step),
    sliceInputs(graph).map(bufferOf),
    ...buffersOf(slice),
    outputs.filter(({ phase }) => phase === "slice").map(bufferOf),
    ...buffersOf(finish),
    [
      ...[...outputs.filter(({ phase }) => phase !== "slice"), ...graph.updates.values()].map(bufferOf),
      ...swapped.values(),
    ],
  ];
}

/** Updates whose value is another state's old value, which would be overwritten first; and where each waits. */
function swappedStates(graph: Graph, lowering: Lowering): ReadonlyMap<Node, Buffer> {
  const states = new Set([...graph.updates.keys()].map((node) => lowering.buffer(node)));
  const values = [...graph.updates.values()].filter((node) => states.has(lowering.buffer(node)));
  return new Map(values.map((node) => [node, lowering.scratch(sizeOf(node.type.shape))]));
}

function bytesOf({ type }: Node): number {
  return sizeOf(type.shape) * bytesPerElement[type.dtype];
}

/** The bytes of an array in a memory of its own, filled up to whole words. */
function wholeWords(data: HostTensor["data"]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return bytes;
}

/** Results by name; those of slices are joined along the leading axis. */
function resultsFrom(bytes: ArrayBuffer, regions: readonly Region[]): Readonly<Record<string, HostTensor>> {
  const byName = new Map<string, Region[]>();
  for (const region of regions) byName.set(region.name, [...(byName.get(region.name) ?? []), region]);
  return Object.fromEntries(
    [...byName].map(([name, parts]) => {
      const { dtype, shape } = parts[0]!.node.type;
      const leading = parts.reduce((sum, { node }) => sum + (node.type.shape[0] ?? 1), 0);
      const joinedShape = parts[0]!.node.phase === "slice" ? [leading, ...shape.slice(1)] : shape;
      const data = new arrays[dtype](sizeOf(joinedShape));
      let at = 0;
      for (const { node, offset } of parts) {
        const length = sizeOf(node.type.shape);
        data.set(new arrays[dtype](bytes, offset, length), at);
        at += length;
      }
      return [name, { shape: joinedShape, dtype, data }];
    }),
  );
}

/** One row a dispatch of a slice, its runs added up. */
function profileRows(dispatches: readonly Dispatch[], seconds: readonly number[]): ProfileRow[] {
  const rows = new Map<Dispatch, { runs: number; seconds: number }>();
  dispatches.forEach((dispatch, i) => {
    const row = rows.get(dispatch) ?? { runs: 0, seconds: 0 };
    rows.set(dispatch, { runs: row.runs + 1, seconds: row.seconds + seconds[i]! });
  });
  return [...rows].map(([{ kernel, node, phase, main, buffers }, row]) => {
    const bytes = [...new Set(buffers)].reduce((sum, buffer) => sum + buffer.bytes, 0);
    return {
      op: node?.op.opName,
      kernel,
      shape: node?.type.shape,
      phase,
      runs: row.runs,
      seconds: row.seconds,
      flops: row.runs * (node && main ? costOf(node).flops : 0),
      bytes: row.runs * bytes,
    };
  });
}
