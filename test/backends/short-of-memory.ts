/**
 * Runs a batch on a GPU that a CPU plays, with the process's memory limited once the GPU is open, so that the driver
 * really refuses some:
 *
 *     node build/test/backends/short-of-memory.js <images> <most bytes> [slice size]
 *
 * Prints the result or the error as JSON.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { type Graph, input } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

/** The mean of images enlarged to 4 MiB each. */
function enlarged(images: number): Graph {
  const x = input("x", [images, 8, 8, 1], "f32", "slice");
  const wide = ops.padEdge(x, { before: 0, after: 1016 }); // [n, 1024, 1024, 1]
  return { outputs: { sum: ops.sumSlices(ops.sumAll(wide)) }, updates: new Map() };
}

function batch(images: number) {
  const data = new Float32Array(64 * images).fill(1);
  return { x: { shape: [images, 8, 8, 1], dtype: "f32", data } } as const;
}

const [images, mostBytes, sliceSize] = process.argv.slice(2).map(Number) as [number, number, number?];
using device = await openWebGpu({ allowSoftware: true });
using held = await device.createState({});
using program = device.compile(enlarged, held, sliceSize === undefined ? {} : { sliceSize });
// All that takes memory once, kernels and threads, is there before it is short.
await program.run(batch(1));
const inUse = 1024 * Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
execFileSync("prlimit", ["--pid", String(process.pid), `--as=${inUse + mostBytes}`]);
try {
  const { sum } = await program.run(batch(images));
  console.log(JSON.stringify({ sum: sum!.data[0] }));
} catch (error) {
  const { name, message } = error as Error;
  console.log(JSON.stringify({ name, message }));
}
