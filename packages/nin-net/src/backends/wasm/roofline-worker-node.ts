/** One thread of the measurement in roofline-node.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { LinearMemory } from "./linear-memory.ts";

/** What a thread of the measurement is given. */
export interface RooflineTask {
  readonly module: WebAssembly.Module;
  readonly shared: boolean;
  readonly shape: number;
  readonly panelWidth: number;
  readonly threads: number;
  /** How many have arrived at the barrier so far. */
  readonly gate: Int32Array<SharedArrayBuffer>;
  readonly copyBytes: number;
}

/** What a thread reached, in each window of time. */
export interface ThreadRates {
  readonly flopsPerSecond: readonly number[];
  readonly bytesPerSecond: readonly number[];
}

const { module, shared, shape, panelWidth, threads, gate, copyBytes } = workerData as RooflineTask;
const memory = new LinearMemory(shared);
const { exports } = new WebAssembly.Instance(module, { env: { memory: memory.memory, abort } });
const { setShape, panel, copy } = exports as Record<string, (...args: number[]) => void>;

/** Rows, depth and columns of one tile's product: whole tiles of every shape, within the first-level cache. */
const [rows, depth, columns] = [12, 256, panelWidth];
const bytesATask = 1 << 18;
const warmUpMs = 100;
const windowMs = 50;
const windows = 4;

setShape!(shape);
const multiply = product();
const move = copyLoop();
const rates: ThreadRates = {
  flopsPerSecond: measure(multiply, 2 * rows * depth * columns),
  bytesPerSecond: measure(move, 2 * copyBytes),
};
parentPort!.postMessage(rates);

/** What one call does a second, in each of a few windows of time that begin together on all threads. */
function measure(work: () => void, amount: number): number[] {
  const warm = performance.now();
  while (performance.now() - warm < warmUpMs) work();
  return Array.from({ length: windows }, () => {
    meet();
    const began = performance.now();
    let done = 0;
    do {
      work();
      done += amount;
    } while (performance.now() - began < windowMs);
    return done / ((performance.now() - began) / 1000);
  });
}

/** Waits until every thread is here. */
function meet(): void {
  const round = Math.floor(Atomics.add(gate, 0, 1) / threads);
  for (;;) {
    const arrived = Atomics.load(gate, 0);
    if (arrived >= (round + 1) * threads) break;
    Atomics.wait(gate, 0, arrived, 100);
  }
  Atomics.notify(gate, 0);
}

/** C = A B by the micro-kernel of the engine, checked once. */
function product(): () => void {
  const [a, b, c, start] = [rows * depth, depth * columns, rows * columns, columns].map((length) =>
    memory.allocate(4 * length),
  ) as [number, number, number, number];
  const value = (i: number) => ((i * 7919) % 17) / 16 - 0.5;
  const left = memory.floats(a, rows * depth).map((_, i) => value(i));
  const right = memory.floats(b, depth * columns).map((_, i) => value(i + 5));
  memory.floats(a, left.length).set(left);
  memory.floats(b, right.length).set(right);
  memory.floats(start, columns).fill(0);
  const tile = memory.allocate(4096);
  const work = () => {
    panel!(a, 4 * depth, 1, 0, 4 * depth, b, c, 4 * columns, rows, columns, start, -Infinity, 0, tile);
  };
  work();
  const got = memory.floats(c, rows * columns)[(rows - 1) * columns + 3]!;
  const want = left.subarray((rows - 1) * depth).reduce((sum, x, k) => sum + x * right[k * columns + 3]!, 0);
  if (Math.abs(got - want) > 1e-3) throw new Error(`the micro-kernel gives ${got}, expected ${want}`);
  return work;
}

/** Copies a stretch of memory that no cache holds. */
function copyLoop(): () => void {
  const [from, to] = [memory.allocate(copyBytes), memory.allocate(copyBytes)];
  memory.bytes(from, copyBytes).fill(1);
  const args = memory.allocate(16);
  memory.words(args, 4).set([from, to, copyBytes, bytesATask]);
  return () => {
    for (let task = 0; task * bytesATask < copyBytes; task++) copy!(args, task, 0);
  };
}

function abort(): never {
  throw new Error("a kernel aborted");
}
