import { DisposedError } from "../../core/errors.ts";
import {
  bytesPerElement,
  type DType,
  type Graph,
  type InputNode,
  type Node,
  type Phase,
  sizeOf,
} from "../../graph/node.ts";
import { costOf } from "../../graph/op.ts";
import type { Communicator } from "../../ranks/communicator.ts";
import {
  exchangeRows,
  type SliceRange,
  sliceShares,
  subtreesOf,
  sumOverRanks,
} from "../../ranks/slice-shares.ts";
import type { HostTensor, ProfileRow, Program } from "../backend.ts";
import { callerInputs, checkInputs } from "../inputs.ts";
import { PersistentBuffers } from "../lowering.ts";
import { partialSums } from "../slice-sums.ts";
import { TracedGraphs } from "../traced-graphs.ts";
import {
  InstructionWord,
  instructionWords,
  kernelNames,
  RunWord,
  runWords,
  StepWord,
  SumWord,
  stepWords,
  sumWords,
} from "./instructions.ts";
import type { LinearMemory } from "./linear-memory.ts";
import {
  type Argument,
  type Buffer,
  type Instruction,
  isBuffer,
  Lowering,
  PartialSumLevels,
  type Step,
} from "./lowering.ts";
import { planMemory } from "./plan-memory.ts";
import type { Executor } from "./threads.ts";
import { earliestWaves, type IsReadOnly, neighbourWaves, type Wave } from "./waves.ts";

/** What a program needs of its device and state. */
export interface ProgramHost {
  readonly memory: LinearMemory;
  readonly executor: Executor;
  readonly panelWidth: number;
  /** Whether kernels over the same rows may be chained. */
  readonly chains: boolean;
  /** The ranks that share each batch. */
  readonly communicator: Communicator;
  /** Runs an action after all actions before it. */
  exclusive<T>(action: () => Promise<T>): Promise<T>;
  stateBuffer(name: string, bytes: number): Buffer;
  /** Changes whenever a value of the state may have changed. */
  stateVersion(): number;
  stateChanged(): void;
  /** Throws if the device or the state has been disposed of. */
  check(): void;
}

/** The instructions for one slice size, in memory. */
interface Compiled {
  readonly graph: Graph;
  readonly images: number;
  readonly lowering: Lowering;
  readonly slice: List;
  /** All that were compiled with it, for profiles. */
  readonly instructions: readonly Encoded[];
}

/** An instruction in memory. */
interface Encoded {
  readonly address: number;
  readonly instruction: Instruction;
  readonly phase: Phase;
}

/** A list of instructions in memory. */
interface List {
  readonly list: number;
  readonly count: number;
  readonly instructions: readonly Encoded[];
}

/** What a run of the instructions computes. */
interface RunPart {
  /** Of the batch. */
  readonly slices: SliceRange;
  /** Whether what is made once a step is made first. */
  readonly step: boolean;
  /** Whether what depends on the sums over slices follows. */
  readonly finish: boolean;
}

const noInstructions: List = { list: 0, count: 0, instructions: [] };

/** A graph compiled for the CPU, once for each slice size that is met; owns its memory. */
export class WasmProgram implements Program {
  readonly #graphs: TracedGraphs;
  readonly #host: ProgramHost;
  readonly #sliceSize: number;
  readonly #persistent = new PersistentBuffers<Buffer>((bytes, contents) => ({
    bytes,
    address: undefined,
    ...(contents && { contents }),
  }));
  readonly #partialSums = new PartialSumLevels();
  readonly #sliceStart: Buffer;
  readonly #sums: Buffer;
  /** The partial sums over slices above the lowest; see slice-sums.ts. */
  #levels = { address: 0, bytes: 0 };
  readonly #run: number;
  /** By images; the first has the lists that run once a step. */
  readonly #compiled = new Map<number, Compiled>();
  #inputs: ReadonlyMap<string, InputNode> | undefined;
  readonly #blocks: number[] = [];
  /** Batch inputs and outputs by name: grown for the largest batch. */
  readonly #batches = new Map<string, { address: number; bytes: number }>();
  #step = noInstructions;
  /** The version of the state that the step's results were made from. */
  #preparedFor: number | undefined;
  #finish = noInstructions;
  #arena = { address: 0, bytes: 0 };
  #scratch = { address: 0, bytes: 0 };
  #disposed = false;

  constructor(trace: (images: number) => Graph, host: ProgramHost, sliceSize: number) {
    this.#graphs = new TracedGraphs(trace);
    this.#host = host;
    this.#sliceSize = sliceSize;
    this.#sliceStart = { bytes: 4, address: this.#allocate(4) };
    this.#sums = { bytes: 4 * sumWords, address: this.#allocate(4 * sumWords) };
    this.#run = this.#allocate(4 * runWords);
  }

  get inputs(): ReadonlyMap<string, InputNode> {
    this.#inputs ??= callerInputs(this.#graphs.get(this.#sliceSize));
    return this.#inputs;
  }

  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>> {
    return this.#host.exclusive(() => this.#runBatch(inputs, false));
  }

  profile(inputs: Readonly<Record<string, HostTensor>>): Promise<readonly ProfileRow[]> {
    return this.#host.exclusive(async () => {
      await this.#runBatch(inputs, true);
      return [...this.#compiled.values()].flatMap(({ instructions }) =>
        instructions.flatMap((encoded) => this.#profileRows(encoded)),
      );
    });
  }

  /** What an instruction took since this was asked last; a chain's time is shared out as thread 0 spent it. */
  #profileRows({ address, instruction, phase }: Encoded): ProfileRow[] {
    const { memory } = this.#host;
    const takeSeconds = (at: number) => {
      const view = new Float64Array(memory.memory.buffer, at, 1);
      const seconds = view[0]!;
      view[0] = 0;
      return seconds;
    };
    const words = memory.words(address, instructionWords);
    const runs = words[InstructionWord.runs]!;
    words[InstructionWord.runs] = 0;
    const total = takeSeconds(address + 4 * InstructionWord.seconds);
    const first = words[InstructionWord.steps]!;
    const own = instruction.steps.map((_, i) => takeSeconds(first + 4 * (stepWords * i + StepWord.seconds)));
    const sum = own.reduce((all, seconds) => all + seconds, 0);
    if (runs === 0) return [];
    return instruction.steps.map((step, i) => {
      const share = sum > 0 ? own[i]! / sum : 1 / own.length;
      return profileRow(step, phase, runs, total * share);
    });
  }

  async #runBatch(
    inputs: Readonly<Record<string, HostTensor>>,
    timed: boolean,
  ): Promise<Readonly<Record<string, HostTensor>>> {
    this.#check();
    const images = checkInputs(this.inputs, inputs) ?? 1;
    const rest = images % this.#sliceSize;
    const whole = images >= this.#sliceSize ? this.#compile(this.#sliceSize) : undefined;
    const remainder = rest > 0 ? this.#compile(rest) : undefined;
    const compiled = (whole ?? remainder)!;
    const { executor, communicator } = this.#host;
    const slices = Math.ceil(images / this.#sliceSize);
    const shares = sliceShares(slices, communicator.size);
    const share = this.#imagesOf(shares[communicator.rank]!, images);
    for (const [name, node] of this.inputs) this.#write(compiled, node, inputs[name]!, images, share);
    for (const [name, node] of Object.entries(compiled.graph.outputs)) {
      if (node.phase === "slice") this.#batch(`output ${name}`, bytesAnImage(node, compiled.images) * images);
    }
    this.#placeLevels(slices);

    const isPrepared =
      compiled.lowering.stepNeedsStateOnly && this.#preparedFor === this.#host.stateVersion();
    this.#preparedFor = undefined;
    const run = async (part: RunPart) => {
      this.#describeRun(part, { whole, remainder, slices, timed });
      await executor.run(this.#run);
      this.#check();
    };
    if (communicator.size === 1) {
      await run({ slices: { begin: 0, end: slices }, step: !isPrepared, finish: true });
    } else {
      const own: Float32Array<ArrayBuffer>[] = [];
      for (const subtree of subtreesOf(shares[communicator.rank]!, slices)) {
        await run({ slices: subtree, step: !isPrepared && own.length === 0, finish: false });
        own.push(this.#readSums(compiled));
      }
      const length = this.#sumsLength(compiled);
      this.#writeSums(
        compiled,
        await sumOverRanks(communicator, shares, slices, own, () => new Float32Array(length)),
      );
      await this.#exchangeOutputs(compiled, shares, images);
      // A rank without slices has made nothing of the step yet.
      await run({ slices: { begin: 0, end: 0 }, step: !isPrepared && own.length === 0, finish: true });
    }
    if (compiled.graph.updates.size > 0) this.#host.stateChanged();
    else this.#preparedFor = this.#host.stateVersion();
    return Object.fromEntries(
      Object.entries(compiled.graph.outputs).map(([name, node]) => [
        name,
        this.#read(name, node, images, compiled.images),
      ]),
    );
  }

  /** The words that say what the threads do next. */
  #describeRun(
    { slices, step, finish }: RunPart,
    batch: {
      readonly whole: Compiled | undefined;
      readonly remainder: Compiled | undefined;
      readonly slices: number;
      readonly timed: boolean;
    },
  ): void {
    const { whole, remainder } = batch;
    const hasRemainder = remainder !== undefined && slices.begin < slices.end && slices.end === batch.slices;
    const words = this.#host.memory.words(this.#run, runWords).fill(0);
    words[RunWord.stepList] = this.#step.list;
    words[RunWord.stepCount] = step ? this.#step.count : 0;
    words[RunWord.sliceList] = whole?.slice.list ?? 0;
    words[RunWord.sliceCount] = whole?.slice.count ?? 0;
    words[RunWord.remainderList] = remainder?.slice.list ?? 0;
    words[RunWord.remainderCount] = hasRemainder ? remainder.slice.count : 0;
    words[RunWord.finishList] = this.#finish.list;
    words[RunWord.finishCount] = finish ? this.#finish.count : 0;
    words[RunWord.slices] = slices.end - slices.begin - Number(hasRemainder);
    words[RunWord.firstSlice] = slices.begin;
    words[RunWord.sliceSize] = this.#sliceSize;
    words[RunWord.sliceStart] = this.#sliceStart.address!;
    words[RunWord.sums] = this.#sums.address!;
    words[RunWord.scratch] = this.#scratch.address;
    words[RunWord.scratchBytesPerThread] = this.#scratch.bytes;
    words[RunWord.timed] = Number(batch.timed);
  }

  /** The images of some slices, as a range. */
  #imagesOf({ begin, end }: SliceRange, images: number): SliceRange {
    return { begin: Math.min(images, begin * this.#sliceSize), end: Math.min(images, end * this.#sliceSize) };
  }

  #sumsLength({ lowering }: Compiled): number {
    return lowering.totals.reduce((length, { bytes }) => length + bytes / 4, 0);
  }

  /** A copy of the sums over the slices that have been run. */
  #readSums(compiled: Compiled): Float32Array<ArrayBuffer> {
    const sums = new Float32Array(this.#sumsLength(compiled));
    let at = 0;
    for (const { address, bytes } of compiled.lowering.totals) {
      sums.set(this.#host.memory.floats(address!, bytes / 4), at);
      at += bytes / 4;
    }
    return sums;
  }

  #writeSums({ lowering }: Compiled, sums: Float32Array): void {
    let at = 0;
    for (const { address, bytes } of lowering.totals) {
      this.#host.memory.floats(address!, bytes / 4).set(sums.subarray(at, at + bytes / 4));
      at += bytes / 4;
    }
  }

  /** Gives every rank the rows that the others have made of the outputs that count images. */
  async #exchangeOutputs(compiled: Compiled, shares: readonly SliceRange[], images: number): Promise<void> {
    const { communicator, memory } = this.#host;
    for (const [name, node] of Object.entries(compiled.graph.outputs)) {
      if (node.phase !== "slice") continue;
      const each = bytesAnImage(node, compiled.images);
      const rows = memory.bytes(this.#batches.get(`output ${name}`)!.address, each * images);
      await exchangeRows(
        communicator,
        shares.map((share) => this.#imagesOf(share, images)),
        rows,
        each,
      );
    }
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#host.exclusive(async () => {
      for (const address of this.#blocks) this.#host.memory.release(address);
      for (const { address } of this.#batches.values()) this.#host.memory.release(address);
      if (this.#levels.bytes > 0) this.#host.memory.release(this.#levels.address);
    });
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("A program");
    this.#host.check();
  }

  #allocate(bytes: number): number {
    const address = this.#host.memory.allocate(bytes);
    this.#blocks.push(address);
    return address;
  }

  /** Gives a block of at least this many bytes; an outgrown one is kept in place of none. */
  #atLeast(block: { address: number; bytes: number }, bytes: number): { address: number; bytes: number } {
    if (block.bytes >= bytes) return block;
    return { address: this.#allocate(bytes), bytes };
  }

  /** Makes room for the partial sums of so many slices. */
  #placeLevels(slices: number): void {
    const { memory } = this.#host;
    const levelBytes = this.#partialSums.bytes;
    const count = partialSums(slices) - 1;
    if (count * levelBytes > this.#levels.bytes) {
      if (this.#levels.bytes > 0) memory.release(this.#levels.address);
      this.#levels = { address: memory.allocate(count * levelBytes), bytes: count * levelBytes };
    }
    const words = memory.words(this.#sums.address!, sumWords);
    for (let level = 0; level < count; level++) {
      words[SumWord.levels + level] = this.#levels.address + level * levelBytes;
    }
  }

  #place(buffer: Buffer): void {
    if (buffer.address !== undefined) return;
    buffer.address = this.#allocate(buffer.bytes);
    if (buffer.contents)
      this.#host.memory.floats(buffer.address, buffer.contents.length).set(buffer.contents);
  }

  #compile(images: number): Compiled {
    const known = this.#compiled.get(images);
    if (known) return known;
    const graph = this.#graphs.get(images);
    const lowering = new Lowering(graph, images, {
      threads: this.#host.executor.threads,
      panelWidth: this.#host.panelWidth,
      chains: this.#host.chains,
      persistent: this.#persistent,
      levels: this.#partialSums,
      sliceStart: this.#sliceStart,
      sums: this.#sums,
      state: (name, bytes) => this.#host.stateBuffer(name, bytes),
    });
    for (const buffer of this.#persistent.all()) this.#place(buffer);
    // What the last phase makes may lie where the slices' values were. It is encoded with the first lowering only.
    const phases = this.#compiled.size === 0 ? (["slice", "finish"] as const) : (["slice"] as const);
    const waves = this.#wavesOf(lowering);
    const plans = phases.map((phase) => planMemory(waves[phase]));
    this.#arena = this.#atLeast(this.#arena, Math.max(...plans.map(({ bytes }) => bytes)));
    for (const { offsets } of plans) {
      for (const [buffer, offset] of offsets) buffer.address = this.#arena.address + offset;
    }
    const scratchBytes = Math.ceil(lowering.scratchBytes / 64) * 64;
    if (scratchBytes > this.#scratch.bytes) {
      const address = this.#allocate(scratchBytes * this.#host.executor.threads);
      this.#scratch = { address, bytes: scratchBytes };
    }

    const slice = this.#encode(waves.slice, "slice");
    const instructions = [...slice.instructions];
    if (this.#compiled.size === 0) {
      this.#step = this.#encode(waves.step, "step");
      this.#finish = this.#encode(waves.finish, "finish");
      for (const list of [this.#step, this.#finish]) instructions.push(...list.instructions);
    }
    const compiled = { graph, images, lowering, slice, instructions };
    this.#compiled.set(images, compiled);
    return compiled;
  }

  /** What threads run between barriers; a single thread keeps the order, in which memory is used again soonest. */
  #wavesOf({ lists, stepInputs }: Lowering): Readonly<Record<Phase, readonly Wave[]>> {
    if (this.#host.executor.threads === 1) {
      const each = (list: readonly Instruction[]) => list.map((instruction) => [instruction]);
      return { step: each(lists.step), slice: each(lists.slice), finish: each(lists.finish) };
    }
    const readOnly = new Set([this.#sliceStart, this.#sums, ...stepInputs.values()]);
    const isReadOnly: IsReadOnly = (buffer) => buffer.contents !== undefined || readOnly.has(buffer);
    const slice = neighbourWaves(lists.slice, isReadOnly);
    // Side by side needs more memory at once; what the slices need is there anyway.
    const earliest = earliestWaves(lists.finish, isReadOnly);
    const fits = planMemory(earliest).bytes <= planMemory(slice).bytes;
    const finish = fits ? earliest : neighbourWaves(lists.finish, isReadOnly);
    return { step: earliestWaves(lists.step, isReadOnly), slice, finish };
  }

  /** Writes instructions and their arguments into memory. */
  #encode(waves: readonly Wave[], phase: Phase): List {
    const list = waves.flat();
    const lasts = new Set(waves.map((wave) => wave.at(-1)));
    const { memory } = this.#host;
    const address = this.#allocate(4 * instructionWords * list.length);
    const instructions = list.map(({ tasks, steps }, i) => {
      const first = this.#allocate(4 * stepWords * steps.length);
      steps.forEach((step, at) => {
        const record = memory.words(first + 4 * stepWords * at, stepWords).fill(0);
        record[StepWord.kernel] = kernelNames.indexOf(step.kernel);
        record[StepWord.args] = this.#encodeArguments(step.args);
      });
      const at = address + 4 * instructionWords * i;
      const record = memory.words(at, instructionWords).fill(0);
      record[InstructionWord.tasks] = tasks;
      record[InstructionWord.steps] = first;
      record[InstructionWord.stepCount] = steps.length;
      record[InstructionWord.joined] = Number(!lasts.has(list[i]!));
      return { address: at, instruction: list[i]!, phase };
    });
    return { list: address, count: list.length, instructions };
  }

  /** @returns where they are */
  #encodeArguments(args: readonly Argument[]): number {
    const address = this.#allocate(4 * args.length);
    const words = this.#host.memory.words(address, args.length);
    const reals = this.#host.memory.floats(address, args.length);
    args.forEach((arg, at) => {
      if (arg === null) words[at] = 0;
      else if (typeof arg === "number") words[at] = arg;
      else if (isBuffer(arg)) words[at] = arg.address!;
      else reals[at] = arg.real;
    });
    return address;
  }

  /** Room for a whole batch of an input or output; its address is kept where instructions look for it. */
  #batch(name: string, bytes: number): number {
    const { memory } = this.#host;
    let batch = this.#batches.get(name);
    if (batch === undefined || batch.bytes < bytes) {
      if (batch) memory.release(batch.address);
      batch = { address: memory.allocate(bytes), bytes };
      this.#batches.set(name, batch);
    }
    memory.words(this.#persistent.get(`batch ${name}`, 4).address!, 1)[0] = batch.address;
    return batch.address;
  }

  /** @param share - the images that this rank computes: the others are left out */
  #write(compiled: Compiled, node: InputNode, { data }: HostTensor, images: number, share: SliceRange): void {
    let bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let address: number;
    if (node.phase === "slice") {
      const each = bytesAnImage(node, compiled.images);
      address = this.#batch(node.name, each * images) + each * share.begin;
      bytes = bytes.subarray(each * share.begin, each * share.end);
    } else {
      address = compiled.lowering.stepInputs.get(node.name)!.address!;
    }
    this.#host.memory.bytes(address, bytes.length).set(bytes);
  }

  #read(name: string, node: Node, images: number, sliceImages: number): HostTensor {
    const { dtype, shape } = node.type;
    const perSlice = node.phase === "slice";
    const outShape = perSlice ? [(shape[0]! / sliceImages) * images, ...shape.slice(1)] : shape;
    const length = sizeOf(outShape);
    const address = perSlice
      ? this.#batches.get(`output ${name}`)!.address
      : this.#persistent.get(`output ${name}`, 0).address!;
    return { shape: outShape, dtype, data: this.#view(address, length, dtype).slice() };
  }

  #view(address: number, length: number, dtype: DType): Float32Array | Uint8Array | Uint32Array {
    const { memory } = this.#host;
    if (dtype === "f32") return memory.floats(address, length);
    return dtype === "u8" ? memory.bytes(address, length) : memory.words(address, length);
  }
}

function profileRow(step: Step, phase: Phase, runs: number, seconds: number): ProfileRow {
  const { kernel, node, args, main } = step;
  const buffers = new Set(args.filter(isBuffer));
  const bytes = [...buffers].reduce((sum, buffer) => sum + buffer.bytes, 0);
  return {
    op: node?.op.opName,
    kernel,
    shape: node?.type.shape,
    phase,
    runs,
    seconds,
    flops: runs * (node && main ? costOf(node).flops : 0),
    bytes: runs * bytes,
  };
}

function bytesAnImage(node: Node, images: number): number {
  return (sizeOf(node.type.shape) * bytesPerElement[node.type.dtype]) / images;
}
