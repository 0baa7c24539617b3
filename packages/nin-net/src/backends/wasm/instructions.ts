/**
 * A compiled program is a few lists of instructions in linear memory, which every thread walks through. An
 * instruction is a number of tasks; the threads take them one by one from a shared counter and meet at a barrier
 * before the next instruction, unless it is of the same wave. A task is one step, a kernel, or a chain of steps over the
 * same rows, so that what one step wrote is still in the cache when the next one reads it. Which thread does which task
 * does not change any result.
 */

import { sumPosition } from "../slice-sums.ts";

/** Kernels exported by assembly/, in the order of their numbers. */
export const kernelNames = [
  "add",
  "addBias",
  "addMoments",
  "averagePool",
  "averagePoolGradient",
  "convolve",
  "convolve1x1",
  "copy",
  "countCorrect",
  "crossEntropy",
  "crossEntropyGradient",
  "evaluateExpression",
  "expand",
  "flipWeights",
  "fromBytes",
  "maxPool",
  "maxPoolGradient",
  "mixTaps",
  "moveSlice",
  "multiply",
  "oneHot",
  "packWeights",
  "padEdge",
  "permute",
  "polyphaseConvolve",
  "polyphaseWeightGradient",
  "randomMask",
  "randomMove",
  "randomErase",
  "relu",
  "reluGradient",
  "resizeBilinear",
  "resizeBilinearGradient",
  "scale",
  "scaleChannels",
  "sumAll",
  "sumBlocks",
  "sumExpression",
  "sumMoments",
  "sumPixels",
  "sumSlices",
  "weightGradient",
  "winogradConvolve",
  "winogradWeightGradient",
  "winogradWeights",
  "winogradWeightsGradient",
] as const;
export type KernelName = (typeof kernelNames)[number];

export type KernelFunction = (args: number, task: number, scratch: number) => void;

/** 32-bit words of an instruction in memory. */
export const instructionWords = 8;
export const InstructionWord = {
  tasks: 0,
  /** Address of the first of its steps, and how many there are. */
  steps: 1,
  stepCount: 2,
  counter: 3,
  /** Two words: float64 seconds spent, written by thread 0 when the run is timed. */
  seconds: 4,
  /** How often it ran, while the run was timed. */
  runs: 6,
  /** Whether the next instruction is of the same wave: no barrier lies between them, unless the run is timed. */
  joined: 7,
} as const;

/** 32-bit words of a step in memory. */
export const stepWords = 4;
export const StepWord = {
  kernel: 0,
  args: 1,
  /** Two words: float64 seconds that thread 0 spent in it, when the run is timed. */
  seconds: 2,
} as const;

/** 32-bit words that describe one run of a program. */
export const RunWord = {
  stepList: 0,
  stepCount: 1,
  sliceList: 2,
  sliceCount: 3,
  remainderList: 4,
  remainderCount: 5,
  finishList: 6,
  finishCount: 7,
  /** Whole slices that are run. */
  slices: 8,
  sliceSize: 9,
  /** Where the index of the slice's first image is kept. */
  sliceStart: 10,
  scratch: 11,
  scratchBytesPerThread: 12,
  timed: 13,
  /** The barrier: threads that have arrived, and how often all had. */
  arrived: 14,
  generation: 15,
  /** Set when a thread fails, so that the others stop waiting for it. */
  failed: 16,
  /** Where {@link SumWord} lies. */
  sums: 17,
  /** Index in the batch of the first slice of this run, which adds up its own slices alone. */
  firstSlice: 18,
} as const;
export const runWords = 32;

/** 32-bit words that say how the current slice's values are added to those before; see slice-sums.ts. */
export const SumWord = {
  /** The slice's {@link SumPosition}. */
  position: 0,
  count: 1,
  /** Addresses of the partial sums above the lowest, one a level of the stack. */
  levels: 2,
} as const;
export const sumWords = 32;

/** Looks at the barrier this often before it sleeps: a few microseconds, since most waits are short. */
const spins = 2000;

/**
 * Runs a program on one thread of `threads`; every thread calls it with the same run.
 *
 * @param run - address of the words described by {@link RunWord}
 */
export function runProgram(
  memory: WebAssembly.Memory,
  kernels: readonly KernelFunction[],
  run: number,
  thread: number,
  threads: number,
): void {
  const tasks = runTasks(memory, kernels, run, thread, threads);
  while (tasks.next().done !== true);
}

/** As {@link runProgram}; on a thread that is the only one, yields after each task, when the memory may grow. */
export function* runTasks(
  memory: WebAssembly.Memory,
  kernels: readonly KernelFunction[],
  run: number,
  thread: number,
  threads: number,
): Generator<void, void, void> {
  let words = new Int32Array(memory.buffer);
  const base = run >>> 2;
  const isTimed = words[base + RunWord.timed] !== 0;
  // Thread 0 keeps the time.
  const timed = thread === 0 && isTimed;
  let seconds = timed ? new Float64Array(memory.buffer) : undefined;
  const scratch =
    (words[base + RunWord.scratch]! >>> 0) + thread * words[base + RunWord.scratchBytesPerThread]!;
  const arrived = base + RunWord.arrived;
  const generation = base + RunWord.generation;
  const failed = base + RunWord.failed;

  /** Waits for all threads; the last one to come sets the counters of the instructions behind it back. */
  const meet = (first: number, last: number) => {
    const now = Atomics.load(words, generation);
    if (Atomics.add(words, arrived, 1) === threads - 1) {
      Atomics.store(words, arrived, 0);
      for (let at = first; at <= last; at += instructionWords) {
        Atomics.store(words, at + InstructionWord.counter, 0);
      }
      Atomics.add(words, generation, 1);
      Atomics.notify(words, generation);
      return;
    }
    for (let i = 0; i < spins; i++) if (Atomics.load(words, generation) !== now) return;
    while (Atomics.load(words, generation) === now) {
      if (Atomics.load(words, failed) !== 0) throw new Error("another thread failed");
      Atomics.wait(words, generation, now, 1000);
    }
  };

  const runTask = (task: number, at: number) => {
    const count = words[at + InstructionWord.stepCount]!;
    for (let i = 0; i < count; i++) {
      const step = (words[at + InstructionWord.steps]! >>> 2) + i * stepWords;
      const began = seconds === undefined ? 0 : performance.now();
      kernels[words[step]!]!(words[step + StepWord.args]!, task, scratch);
      if (seconds !== undefined)
        seconds[(step + StepWord.seconds) >>> 1]! += (performance.now() - began) / 1000;
    }
  };

  /** Growing detaches the views of a memory that is not shared. */
  const viewAgain = () => {
    if (words.buffer === memory.buffer) return;
    words = new Int32Array(memory.buffer);
    if (timed) seconds = new Float64Array(memory.buffer);
  };

  const runList = function* (list: number, count: number) {
    let waveStart = list >>> 2;
    for (let i = 0; i < count; i++) {
      const at = (list >>> 2) + i * instructionWords;
      const tasks = words[at + InstructionWord.tasks]!;
      const began = seconds === undefined ? 0 : performance.now();
      if (threads === 1) {
        for (let task = 0; task < tasks; task++) {
          runTask(task, at);
          yield;
          viewAgain();
        }
      } else {
        const counter = at + InstructionWord.counter;
        for (;;) {
          const task = Atomics.add(words, counter, 1);
          if (task >= tasks) break;
          runTask(task, at);
        }
        if (isTimed || words[at + InstructionWord.joined] === 0) {
          meet(waveStart, at);
          waveStart = at + instructionWords;
        }
      }
      if (seconds !== undefined) {
        seconds[(at + InstructionWord.seconds) >>> 1]! += (performance.now() - began) / 1000;
        words[at + InstructionWord.runs]!++;
      }
    }
  };

  const startSlice = (slice: number, count: number) => {
    const index = words[base + RunWord.firstSlice]! + slice;
    // Every thread writes the same values, and none goes on to the next slice before all have written them.
    Atomics.store(words, words[base + RunWord.sliceStart]! >>> 2, index * words[base + RunWord.sliceSize]!);
    const sum = sumPosition(slice, count);
    const sums = words[base + RunWord.sums]! >>> 2;
    Atomics.store(words, sums + SumWord.position, sum.position);
    Atomics.store(words, sums + SumWord.count, sum.count);
  };

  const list = (name: "stepList" | "sliceList" | "remainderList" | "finishList", count: number) =>
    runList(words[base + RunWord[name]]! >>> 0, count);
  const slices = words[base + RunWord.slices]!;
  yield* list("stepList", words[base + RunWord.stepCount]!);
  const remainder = words[base + RunWord.remainderCount]!;
  const count = slices + (remainder > 0 ? 1 : 0);
  for (let slice = 0; slice < slices; slice++) {
    startSlice(slice, count);
    yield* list("sliceList", words[base + RunWord.sliceCount]!);
  }
  if (remainder > 0) {
    startSlice(slices, count);
    yield* list("remainderList", remainder);
  }
  yield* list("finishList", words[base + RunWord.finishCount]!);
}
