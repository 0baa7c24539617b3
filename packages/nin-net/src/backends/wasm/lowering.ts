/**
 * Turns a graph into lists of instructions over buffers; addresses come later, when all buffers and the stretch
 * of instructions that each is used in are known.
 */
import {
  bytesPerElement,
  type Graph,
  type InputNode,
  inputsOf,
  type Node,
  type OpNode,
  type Phase,
  type StateNode,
  sizeOf,
  sliceStart,
} from "../../graph/node.ts";
import { GraphLowering, type PersistentBuffers } from "../lowering.ts";
import type { KernelName } from "./instructions.ts";
import { chunk, microKernelBytes, packedRows } from "./kernel-constants.ts";
import { kernelOf } from "./kernels.ts";

/** A stretch of linear memory that instructions read and write. */
export interface Buffer {
  readonly bytes: number;
  /** Written into it when the program is compiled; nothing else writes it. */
  readonly contents?: Float32Array;
  /** Set once it is known where it lies. */
  address: number | undefined;
}

/** An argument of a kernel: an integer, a float32, or the address of a buffer (0 for none). */
export type Argument = number | { readonly real: number } | Buffer | null;

/** One kernel of an instruction. */
export interface Step {
  readonly kernel: KernelName;
  readonly args: readonly Argument[];
  /** Buffers that it only reads; any other it may write. */
  readonly reads: readonly Buffer[];
  /** The node that it computes (or helps to), for profiles; none where data is only moved. */
  readonly node: OpNode | undefined;
  /** Whether it does the node's arithmetic, rather than prepare for it. */
  readonly main: boolean;
}

export interface Instruction {
  readonly tasks: number;
  /** Run one after the other by each task. */
  readonly steps: Step[];
}

/** An instruction of which task t writes elements [t count, (t + 1) count) of a buffer, and only the last one fewer. */
export interface RowMaker {
  readonly instruction: Instruction;
  /** Elements a task. */
  readonly count: number;
}

/**
 * Which part of its result a task of a kernel writes. The result is so many groups, each of so many tasks; a task
 * writes `length` elements from its index in the group times `length` on (the last one of a group what is left), and
 * again a `stride` further, `repeats` times in all.
 */
export interface TaskRegions {
  readonly tasksPerGroup: number;
  /** Elements from one group to the next; a group's tasks end there. */
  readonly group: number;
  /** Elements a task. */
  readonly length: number;
  /** Default 1. */
  readonly repeats?: number;
  readonly stride?: number;
}

/** Where sums over slices lie in a level of partial sums, the same for the graphs of all slice sizes. */
export class PartialSumLevels {
  readonly #offsets = new Map<string, number>();
  #bytes = 0;

  /** Bytes of a level. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The offset of a sum of so many bytes. */
  offset(key: string, bytes: number): number {
    let offset = this.#offsets.get(key);
    if (offset === undefined) {
      offset = this.#bytes;
      this.#bytes += 64 * Math.ceil(bytes / 64);
      this.#offsets.set(key, offset);
    }
    return offset;
  }
}

export function isBuffer(arg: Argument): arg is Buffer {
  return arg !== null && typeof arg === "object" && "bytes" in arg;
}

/** What a program offers its lowering: where inputs, outputs and states are. */
export interface LoweringOptions {
  readonly threads: number;
  readonly panelWidth: number;
  /** Whether kernels over the same rows may be chained. */
  readonly chains: boolean;
  readonly persistent: PersistentBuffers<Buffer>;
  readonly levels: PartialSumLevels;
  /** The buffer of a state. */
  state(name: string, bytes: number): Buffer;
  /** Where the index of the slice's first image is kept. */
  readonly sliceStart: Buffer;
  /** How the slice's values are added to those before: see `SumWord`. */
  readonly sums: Buffer;
}

const bytesATask = 1 << 18;
/** Values that a task adds up, about, in columns of whole cache lines. */
const addedATask = 16384;
const addedLine = 32;

export class Lowering extends GraphLowering<Buffer, Instruction> {
  /** Whether what is made once a step depends on the state alone. */
  readonly stepNeedsStateOnly: boolean;
  /** Where the step's inputs are, by name. */
  readonly stepInputs = new Map<string, Buffer>();
  /** Where the sums over slices are, the same for the graphs of all slice sizes. */
  readonly totals: Buffer[] = [];
  /** Scratch that each thread needs; at least what the micro-kernels use. */
  scratchBytes = microKernelBytes;
  readonly #around: LoweringOptions;
  /** The instruction that makes a buffer's contents. */
  readonly #makers = new Map<Buffer, Instruction>();
  /** The same, where its tasks make one row of elements after the other. */
  readonly #rowMakers = new Map<Buffer, RowMaker>();
  /** Instructions whose tasks make known parts of a buffer. */
  readonly #regions = new Map<Buffer, { readonly instruction: Instruction; readonly regions: TaskRegions }>();
  /** Weights that are packed already. */
  readonly #packed = new Set<Buffer>();

  constructor(graph: Graph, images: number, around: LoweringOptions) {
    super(graph, images, around.persistent);
    this.#around = around;
    this.stepNeedsStateOnly = this.#stepNeedsStateOnly();
    this.lowerNodes();
    this.#finish(graph);
  }

  #stepNeedsStateOnly(): boolean {
    const fromInputs = new Set<Node>();
    for (const node of this.order) {
      if (node.phase !== "step") continue;
      if (node.kind === "input" || inputsOf(node).some((input) => fromInputs.has(input)))
        fromInputs.add(node);
    }
    return [...fromInputs].every((node) => node.kind === "input");
  }

  get threads(): number {
    return this.#around.threads;
  }

  get panelWidth(): number {
    return this.#around.panelWidth;
  }

  /** A buffer of floats, all zero. */
  zeros(length: number): Buffer {
    return this.constant(new Float32Array(length));
  }

  protected createBuffer(node: Node, bytes: number): Buffer {
    if (node.kind === "state") return this.#around.state(node.name, bytes);
    if (node === sliceStart) return this.#around.sliceStart;
    const isPersistent = node.phase === "step" || (node.kind === "op" && node.op.sumsSlices);
    return isPersistent ? this.persistentBuffer(node, bytes) : { bytes, address: undefined };
  }

  /**
   * The weights of a convolution packed for the micro-kernels, once a step.
   *
   * @param w - weights [K, K, Cin, Cout], or any number of taps as two axes
   * @param transposed - for the gradient with respect to the input
   */
  packed(w: Node, transposed: boolean): Buffer {
    const [rows, across, cin, cout] = w.type.shape as [number, number, number, number];
    const taps = rows * across;
    const buffer = this.#packedBuffer(w, transposed);
    if (!this.#packed.has(buffer)) {
      this.#packed.add(buffer);
      const args = [this.buffer(w), taps, cin, cout, Number(transposed), buffer];
      const tasks = taps * Math.ceil((transposed ? cout : cin) / packedRows);
      this.#makers.set(buffer, this.emit("packWeights", tasks, args, w.phase));
    }
    return buffer;
  }

  /** Where the node that is being lowered puts weights that it packs itself; nothing else of it is kept. */
  packsItself(w: Node): Buffer {
    const buffer = this.#packedBuffer(w, false);
    this.#packed.add(buffer);
    this.place(w, buffer);
    return buffer;
  }

  #packedBuffer(w: Node, transposed: boolean): Buffer {
    const [rows, across, cin, cout] = w.type.shape as [number, number, number, number];
    const [depth, columns] = transposed ? [cout, cin] : [cin, cout];
    const panels = Math.ceil(columns / this.panelWidth);
    const bytes = 4 * panels * this.panelWidth * rows * across * depth;
    return this.persistentBuffer(w, bytes, `packed ${transposed}`);
  }

  /**
   * Adds an instruction; by default to the phase of the node that is being lowered.
   *
   * @param main - whether it does the node's arithmetic
   */
  emit(
    kernel: KernelName,
    tasks: number,
    args: readonly Argument[],
    phase?: Phase,
    main = phase === undefined,
  ): Instruction {
    const instruction = { tasks, steps: [this.#step(kernel, args, main)] };
    this.lists[phase ?? this.current!.phase].push(instruction);
    return instruction;
  }

  /**
   * The instruction that a kernel can join, task by task, so that it finds what it reads in the cache: the one that
   * made one of the buffers of which it reads rows, where all else that it reads is there by then.
   *
   * @param rows - of which task t reads what task t of that instruction wrote
   * @param unit - elements that a task works on whole multiples of
   */
  rowMaker(rows: readonly Buffer[], args: readonly Argument[], unit: number): RowMaker | undefined {
    const last = this.#lastMaker(args);
    if (last === undefined) return undefined;
    const made = args.filter(isBuffer).filter((buffer) => this.#makers.get(buffer) === last);
    const makers = made.map((buffer) => (rows.includes(buffer) ? this.#rowMakers.get(buffer) : undefined));
    const [maker] = makers;
    const fit = makers.every((each) => each?.count === maker?.count);
    return fit && maker !== undefined && maker.count % unit === 0 ? maker : undefined;
  }

  /** The last instruction of this phase that makes one of these buffers, if kernels may be chained. */
  #lastMaker(args: readonly Argument[]): Instruction | undefined {
    if (!this.#around.chains) return undefined;
    const list = this.lists[this.current!.phase];
    return list[Math.max(...args.filter(isBuffer).map((arg) => list.indexOf(this.#makers.get(arg)!)))];
  }

  /**
   * Adds a kernel whose tasks work on rows of their own, to the instruction that it joins if there is one.
   *
   * @param maker - as {@link rowMaker} gave it for these args; its tasks are as many as the kernel's
   */
  emitRows(
    kernel: KernelName,
    tasks: number,
    args: readonly Argument[],
    maker: RowMaker | undefined,
  ): Instruction {
    if (maker === undefined) return this.emitAfter(kernel, tasks, args);
    return this.#join(maker.instruction, kernel, args);
  }

  /** Adds a kernel; of a single task, to the instruction that makes what it reads, if that has a single task too. */
  emitAfter(kernel: KernelName, tasks: number, args: readonly Argument[], main = true): Instruction {
    const last = tasks === 1 ? this.#lastMaker(args) : undefined;
    if (last?.tasks === 1) return this.#join(last, kernel, args, main);
    return this.emit(kernel, tasks, args, undefined, main);
  }

  #join(instruction: Instruction, kernel: KernelName, args: readonly Argument[], main = true): Instruction {
    instruction.steps.push(this.#step(kernel, args, main));
    return instruction;
  }

  /** A kernel for a node: it only reads what the node is computed from, since a value is made once. */
  #step(kernel: KernelName, args: readonly Argument[], main: boolean): Step {
    const node = this.current;
    const reads = node === undefined ? [] : inputsOf(node).map((input) => this.buffer(input));
    return { kernel, args, reads: reads.filter((buffer) => buffer !== this.buffer(node!)), node, main };
  }

  /** Says that task t of an instruction writes elements [t count, (t + 1) count) of a buffer. */
  madeRows(instruction: Instruction, buffer: Buffer, count: number): void {
    this.#rowMakers.set(buffer, { instruction, count });
    this.made(instruction, buffer);
  }

  /** Says which instruction makes a buffer that is no node's. */
  made(instruction: Instruction, buffer: Buffer): void {
    this.#makers.set(buffer, instruction);
  }

  /** A buffer for what instructions of one node hand on to each other. */
  temporary(bytes: number): Buffer {
    return { bytes, address: undefined };
  }

  /** Adds an elementwise instruction. */
  emitChunks(kernel: KernelName, elements: number, args: readonly Argument[], phase?: Phase): void {
    this.emit(kernel, Math.ceil(elements / chunk), [...args, elements], phase);
  }

  /** Makes sure that each thread has this many bytes of scratch. */
  needScratch(bytes: number): void {
    this.scratchBytes = Math.max(this.scratchBytes, bytes);
  }

  /** How many columns a task has that adds up so many rows of values: few values are added in a single task. */
  addedColumns(rows: number, values: number): number {
    if (rows * values <= addedATask) return values;
    return addedLine * Math.max(1, Math.floor(addedATask / rows / addedLine));
  }

  /** Adds up rows of values, in order. */
  addRows(rows: Buffer, count: number, sum: Buffer): void {
    const values = sum.bytes / 4;
    const length = this.addedColumns(count, values);
    const tasks = Math.ceil(values / length);
    const made = this.emitAfter("sumPixels", tasks, [rows, count, values, length, sum], false);
    this.made(made, sum);
    this.madeRegions(made, sum, { tasksPerGroup: tasks, group: values, length });
  }

  /** Says which parts of a buffer the tasks of an instruction write. */
  madeRegions(instruction: Instruction, buffer: Buffer, regions: TaskRegions): void {
    this.#regions.set(buffer, { instruction, regions });
  }

  /**
   * A sum over slices; see the op and slice-sums.ts. Where it is known what the tasks that made the slice's value
   * wrote, they add it to the partial sums at once, while it is in the cache.
   */
  sumSlices(node: OpNode): void {
    const total = this.buffer(node);
    this.totals.push(total);
    const value = this.buffer(node.inputs[0]!);
    const elements = sizeOf(node.type.shape);
    const offset = this.#around.levels.offset(this.keyOf(node), total.bytes);
    const args = ({ tasksPerGroup, group, length, repeats = 1, stride = 0 }: TaskRegions) => {
      const part = [tasksPerGroup, group, length, repeats, stride];
      return [value, total, offset, this.#around.sums, ...part];
    };
    const made = this.#regions.get(value);
    if (made !== undefined) {
      this.#join(made.instruction, "sumSlices", args(made.regions));
      return;
    }
    const tasks = Math.ceil(elements / chunk);
    this.emit("sumSlices", tasks, args({ tasksPerGroup: tasks, group: elements, length: chunk }), "slice");
  }

  override covered(node: OpNode): void {
    super.covered(node);
    this.made(this.lists[node.phase].at(-1)!, this.buffer(node));
  }

  protected override lowerLeaf(node: InputNode | StateNode): void {
    const buffer = this.buffer(node);
    if (node.kind === "state" || node === sliceStart) return;
    if (node.phase === "step") this.stepInputs.set(node.name, buffer);
    else this.#moveSlice(node, node.name, false);
  }

  protected lowerOp(node: OpNode): void {
    kernelOf(node).lower(node as never, this);
    const last = this.lists[node.phase].at(-1);
    if (last && !this.#makers.has(this.buffer(node))) this.#makers.set(this.buffer(node), last);
  }

  /** Copies outputs and new states to where they are read from, after everything else. */
  #finish(graph: Graph): void {
    for (const [name, node] of Object.entries(graph.outputs)) {
      if (node.phase === "slice") this.#moveSlice(node, `output ${name}`, true);
      else this.#copy(this.buffer(node), this.persistent.get(`output ${name}`, this.buffer(node).bytes));
    }
    const overwritten = this.overwrittenValues();
    const settled = [...graph.updates].map(([state, value]) => {
      const from = this.buffer(value);
      if (!overwritten.has(value)) return [state, from] as const;
      const kept = this.persistent.get(`kept ${state.name}`, from.bytes);
      this.#copy(from, kept);
      return [state, kept] as const;
    });
    for (const [state, from] of settled) this.#copy(from, this.buffer(state));
  }

  /** Moves a slice of a batch in or out; the batch's address is kept in a buffer, since batches differ in size. */
  #moveSlice(node: Node, name: string, back: boolean): void {
    const batch = this.persistent.get(`batch ${name}`, 4);
    const bytes = (sizeOf(node.type.shape) * bytesPerElement[node.type.dtype]) / this.images;
    const args = [batch, this.buffer(node), bytes, this.images, this.#around.sliceStart, Number(back)];
    const instruction = this.emit("moveSlice", 1, args, "slice");
    if (!back) this.#makers.set(this.buffer(node), instruction);
  }

  #copy(from: Buffer, to: Buffer): void {
    const tasks = Math.ceil(from.bytes / bytesATask);
    this.emit("copy", tasks, [from, to, from.bytes, bytesATask], "finish");
  }
}
