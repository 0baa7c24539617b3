/** What this machine can do at most, with the engine's own innermost loops: the measure of every other kernel. */
import { Worker } from "node:worker_threads";
import { NinError } from "../../core/errors.ts";
import type { Device } from "../backend.ts";
import { WasmDevice } from "./device.ts";
import { readKernels } from "./kernel-files.ts";
import { LinearMemory } from "./linear-memory.ts";
import type { RooflineTask, ThreadRates } from "./roofline-worker-node.ts";
import { chooseSimd } from "./simd.ts";

/** Of all the device's threads together. */
export interface Roofline {
  /** Of the micro-kernel of matrix products, everything in the first-level cache. */
  readonly flopsPerSecond: number;
  /** Of copies in memory, beyond the caches; bytes read and bytes written both count. */
  readonly bytesPerSecond: number;
}

/** Copied by all threads together: several times the last cache of a large machine's core group. */
const copyBytes = 1 << 27;
const leastCopyBytes = 1 << 22;

/**
 * Measures with as many threads, the same vector width and the same tile shape as the device has, for about a second.
 *
 * @throws NinError if the device has no such loops
 */
export async function measureRoofline(device: Device): Promise<Roofline> {
  if (!(device instanceof WasmDevice)) {
    throw new NinError(
      `measureRoofline: got the device ${device.description}, expected the CPU's kernels. Use the CPU device.`,
    );
  }
  const { simd, threads } = device;
  const { shared } = device.memory;
  const kernels = await readKernels({ relaxed: simd.relaxed, shared });
  const abort = () => {
    throw new NinError("A kernel aborted.");
  };
  const imports = { env: { memory: new LinearMemory(shared).memory, abort } };
  const { module } = await chooseSimd(kernels, simd.relaxed, simd.bits === 256 ? "256" : "128", imports);
  const task: RooflineTask = {
    module,
    shared,
    shape: simd.shape,
    panelWidth: simd.panelWidth,
    threads,
    gate: new Int32Array(new SharedArrayBuffer(4)),
    copyBytes: Math.max(leastCopyBytes, copyBytes / threads),
  };
  const workers = Array.from({ length: threads }, () => new Worker(workerFile, { workerData: task }));
  try {
    const rates = await Promise.all(workers.map(resultOf));
    return {
      flopsPerSecond: best(rates.map((rate) => rate.flopsPerSecond)),
      bytesPerSecond: best(rates.map((rate) => rate.bytesPerSecond)),
    };
  } finally {
    // If one fails, the others would wait for it.
    for (const worker of workers) void worker.terminate();
  }
}

const workerFile = new URL("./roofline-worker-node.js", import.meta.url);

function resultOf(worker: Worker): Promise<ThreadRates> {
  return new Promise((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
  });
}

/** The best window, all threads added. */
function best(rates: readonly (readonly number[])[]): number {
  const sums = rates[0]!.map((_, window) => rates.reduce((sum, thread) => sum + thread[window]!, 0));
  return Math.max(...sums);
}
