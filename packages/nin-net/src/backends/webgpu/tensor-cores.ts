/** Tensor cores: whether the GPU has them, and whether they compute the right thing. */
import { type Graph, input, state } from "../../graph/node.ts";
import { ops } from "../../ops/ops.ts";
import type { Device } from "../backend.ts";

/** Features that a device needs to use its tensor cores. */
export const subgroupMatrixFeatures = ["shader-f16", "chromium-experimental-subgroup-matrix"];

/** What a tensor core multiplies: [m, k] by [k, n], by so many threads (a subgroup). */
export interface SubgroupMatrix {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly threads: number;
}

/** Passes that cost time on tensor cores, which multiply faster than Winograd's transforms move memory. */
export function unprofitablePasses(subgroupMatrix: SubgroupMatrix | undefined): readonly string[] {
  return subgroupMatrix ? ["winograd"] : [];
}

/** Not in WebGPU's types yet. */
interface SubgroupMatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** The largest configuration of 16-bit factors and float32 sums; a string says why there is none. */
export function subgroupMatrixOf({ info }: GPUAdapter, gpu: GPUDevice): SubgroupMatrix | string {
  const {
    subgroupMatrixConfigs = [],
    subgroupMinSize,
    subgroupMaxSize,
  } = info as GPUAdapterInfo & {
    readonly subgroupMatrixConfigs?: Iterable<SubgroupMatrixConfig>;
  };
  const missing = [...subgroupMatrixFeatures, "subgroups"].filter(
    (feature) => !gpu.features.has(feature as GPUFeatureName),
  );
  if (missing.length > 0) return `the adapter has no ${missing.join(", no ")}`;
  // Subgroups of varying size could not share a tile.
  if (subgroupMinSize !== subgroupMaxSize || !subgroupMinSize) {
    return `its subgroups are of ${subgroupMinSize} to ${subgroupMaxSize} threads, not of one size`;
  }
  const configs = [...subgroupMatrixConfigs];
  const [largest] = configs
    .filter((config) => config.componentType === "f16" && config.resultComponentType === "f32")
    .map(({ M, N, K }) => ({ m: M, n: N, k: K, threads: subgroupMinSize }))
    .sort((a, b) => b.m * b.n * b.k - a.m * a.n * a.k);
  const offered = configs.map((config) => `${config.componentType} to ${config.resultComponentType}`);
  return largest ?? `they multiply f16 to f32 in none of their ways (${[...new Set(offered)].join(", ")})`;
}

/**
 * Self-test of the tensor cores, which are experimental in WebGPU: where a driver rejects the kernel, or computes
 * something else, the plain kernel is used.
 *
 * @returns what went wrong; undefined: they compute the right thing
 */
export async function tensorCoreFault(device: Device): Promise<string | undefined> {
  const [pixels, depth, columns] = [4096, 64, 64];
  // Small integers, so the sums are exact.
  const x = Float32Array.from({ length: pixels * depth }, (_, i) => ((i * 7) % 11) - 5);
  const w = Float32Array.from({ length: depth * columns }, (_, i) => ((i * 5) % 7) - 3);
  const trace = (images: number): Graph => {
    const image = input("x", [images, 64, 64, depth], "f32", "slice");
    const weights = state("w", [1, 1, depth, columns]);
    return { outputs: { y: ops.conv2d(image, weights, { stride: 1, padding: 0 }) }, updates: new Map() };
  };
  try {
    using held = await device.createState({ w: { shape: [1, 1, depth, columns], dtype: "f32", data: w } });
    using program = device.compile(trace, held);
    const { y } = await program.run({ x: { shape: [1, 64, 64, depth], dtype: "f32", data: x } });
    const isRight = y!.data.every((got, at) => got === dot(x, w, Math.floor(at / columns), at % columns));
    return isRight ? undefined : "a trial came to wrong products";
  } catch (error) {
    return `a trial failed: ${(error as Error).message.split("\n")[0]}`;
  }

  function dot(rows: Float32Array, weights: Float32Array, row: number, column: number): number {
    let sum = 0;
    for (let k = 0; k < depth; k++) sum += rows[row * depth + k]! * weights[k * columns + column]!;
    return sum;
  }
}
