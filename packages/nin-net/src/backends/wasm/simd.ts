/** What vector instructions this engine has, and which tile shape is fastest with them. */
import { NinError } from "../../core/errors.ts";
import { compileKernels, type KernelFile } from "./kernel-files.ts";
import type { SimdChoice } from "./options.ts";

export interface Simd {
  /** Multiply-add in one rounding, where the engine has relaxed SIMD; else multiply, then add. */
  readonly relaxed: boolean;
  /** Bits that one instruction works on. */
  readonly bits: 128 | 256;
  /** Number of the tile shape; see packages/nin-net/assembly/micro-kernels.mjs. */
  readonly shape: number;
  readonly panelWidth: number;
}

/** Tile shapes, in the order of their numbers: rows by columns. */
export const tileShapes = ["6x16", "6x8", "4x8"] as const;

/** (func (result v128) v128.const 0 x3 f32x4.relaxed_madd) */
const relaxedProbe = probe([0xfd, 0x85, 0x02], 3);
/** (func (result v128) v128.const 0 x2 f32x4.add) */
const simdProbe = probe([0xfd, 0xe4, 0x01], 2);

function probe(instruction: readonly number[], operands: number): Uint8Array<ArrayBuffer> {
  const zero = [0xfd, 0x0c, ...Array<number>(16).fill(0)];
  const body = [0, ...Array.from({ length: operands }, () => zero).flat(), ...instruction, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 5, 1, 0x60, 0, 1, 0x7b],
    ...[3, 2, 1, 0],
    ...[10, body.length + 2, 1, body.length, ...body],
  ]);
}

/** Whether the engine has relaxed SIMD. Node 20 has it behind a flag; later versions have it on and complain about the flag. */
export function hasRelaxedSimd(): boolean {
  if (!WebAssembly.validate(simdProbe)) {
    throw new NinError(
      "The CPU backend needs WebAssembly SIMD, which this engine does not have. Use Node 20 or later, or a browser of 2023 or later.",
    );
  }
  if (WebAssembly.validate(relaxedProbe)) return true;
  setEngineFlag("--experimental-wasm-relaxed-simd");
  return WebAssembly.validate(relaxedProbe);
}

/** @returns whether there was an engine that takes flags; those of other runtimes that have Node's modules throw */
function setEngineFlag(flag: string): boolean {
  try {
    const v8 = globalThis.process?.getBuiltinModule?.("node:v8");
    v8?.setFlagsFromString(flag);
    return v8 !== undefined;
  } catch {
    return false;
  }
}

/**
 * Node versions whose V8 can join pairs of 128-bit operations, on processors that have 256-bit ones. Bun calls itself
 * Node too and takes V8's flags, but its engine is another one.
 */
function canWiden(): boolean {
  const { node, bun } = globalThis.process?.versions ?? {};
  if (node === undefined || bun !== undefined) return false;
  return Number.parseInt(node, 10) >= 24 && globalThis.process.arch === "x64";
}

interface Measured {
  readonly shape: number;
  readonly gflops: number;
  /** The bits of the product that was timed. */
  readonly product: string;
}

/**
 * Chooses vector width and tile shape by timing one small product a few milliseconds long.
 *
 * 256 bits come from V8's flag `--experimental-wasm-revectorize`, set before a module is compiled. It stays on
 * only if the same product has the same bits with and without it, and is faster.
 *
 * @param imports - the kernels'; the memory is written to
 * @returns what was chosen and the compiled kernels
 */
export async function chooseSimd(
  kernels: KernelFile,
  relaxed: boolean,
  choice: SimdChoice,
  imports: WebAssembly.Imports,
): Promise<{ readonly simd: Simd; readonly module: WebAssembly.Module }> {
  const narrowModule = await compileKernels(kernels);
  const narrow = fastest([1, 2], narrowModule, imports);
  const narrowSimd: Simd = { relaxed, bits: 128, shape: narrow.shape, panelWidth: 8 };
  if (choice === "128") return { simd: narrowSimd, module: narrowModule };
  if (relaxed && canWiden() && setEngineFlag("--experimental-wasm-revectorize")) {
    // Engines keep compiled code by the module's bytes; a custom section makes them compile again.
    const marked = Uint8Array.from([...kernels.bytes, 0, 5, 4, 0x77, 0x69, 0x64, 0x65]);
    const module = await compileKernels({ ...kernels, bytes: marked });
    const wide = fastest([0], module, imports);
    const same = wide.product === narrow.product;
    const wins = choice === "256" || wide.gflops > 1.1 * narrow.gflops;
    if (same && wins) return { simd: { relaxed, bits: 256, shape: 0, panelWidth: 16 }, module };
    setEngineFlag("--no-experimental-wasm-revectorize");
    if (choice === "256" && !same) throw new NinError(wideRefusal("gives other results than 128-bit SIMD"));
  } else if (choice === "256") {
    throw new NinError(wideRefusal("is not available in this engine"));
  }
  return { simd: narrowSimd, module: narrowModule };
}

function wideRefusal(why: string): string {
  return `256-bit SIMD ${why}; it needs Node 24 or later on an x86-64 processor with AVX2. Use simd "auto" or "128".`;
}

/** Rows, depth and columns of the product that is timed: whole tiles of every shape. */
const sizes = { rows: 48, depth: 192, columns: 48 } as const;
/** Engines first run unoptimised code; each shape gets this long to settle. */
const settleMs = 25;

function fastest(
  shapes: readonly number[],
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): Measured {
  const { exports } = new WebAssembly.Instance(module, imports);
  const { buffer } = imports.env!.memory as WebAssembly.Memory;
  const measured = shapes.map((shape) => measure(shape, exports, buffer));
  return measured.reduce((best, other) => (other.gflops > best.gflops ? other : best));
}

function measure(shape: number, exports: WebAssembly.Exports, buffer: ArrayBufferLike): Measured {
  const panel = exports.panel as (...args: number[]) => void;
  const { rows, depth, columns } = sizes;
  const width = Number(tileShapes[shape]!.split("x")[1]);
  const [a, b, c, start] = [65536, 65536 + 4 * rows * depth, 262144, 327680] as const;
  const values = new Float32Array(buffer);
  for (let i = 0; i < rows * depth; i++) values[a / 4 + i] = ((i * 7919) % 1009) / 1009 - 0.5;
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < columns; j++) {
      const at = Math.floor(j / width) * width * depth + k * width + (j % width);
      values[b / 4 + at] = (((k * columns + j) * 104729) % 1013) / 1013 - 0.5;
    }
  }
  (exports.setShape as (index: number) => void)(shape);
  const product = () => {
    for (let j = 0; j < columns; j += width) {
      panel(
        a,
        4 * depth,
        1,
        0,
        4 * depth,
        b + 4 * j * depth,
        c + 4 * j,
        4 * columns,
        rows,
        width,
        start,
        -Infinity,
        0,
        0,
      );
    }
  };
  const began = performance.now();
  let best = Number.POSITIVE_INFINITY;
  while (performance.now() - began < settleMs) {
    const at = performance.now();
    for (let i = 0; i < 4; i++) product();
    best = Math.min(best, (performance.now() - at) / 4);
  }
  const bits = new Uint32Array(buffer, c, rows * columns);
  return { shape, gflops: (2 * rows * depth * columns) / best / 1e6, product: bits.join() };
}
