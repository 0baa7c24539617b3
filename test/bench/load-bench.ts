import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../project/sources.js";

/** A row of the benchmark's tables, as race() makes them. */
export interface BenchRow {
  readonly table: string;
  readonly name: string;
  readonly device: string;
  readonly node?: string;
  readonly unit: "imagesPerSecond" | "gflops";
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly measurements: number;
  readonly peakBytes: number;
}

/** Who takes part in a race. */
export interface BenchEntry {
  readonly label: string;
  readonly command: readonly string[];
}

/** A kernel of a step on the GPU. */
export interface BenchKernel {
  readonly kernel: string;
  readonly result: string;
  readonly bytes: number;
  readonly flops: number;
  readonly measured?: number;
}

interface BenchCost {
  readonly bytes: number;
  readonly least: number;
  readonly measured: number | undefined;
}

export interface BenchKernelRow {
  readonly kernel: string;
  readonly result: string;
  readonly runs: number;
  readonly flops: number;
  readonly f32?: BenchCost;
  readonly f16?: BenchCost;
}

/** The benchmark's modules, which are plain JavaScript, with their types. */
interface BenchModules {
  readonly "onnx-model": { readonly onnxModel: () => Uint8Array };
  readonly race: {
    readonly median: (values: readonly number[]) => number;
    readonly complaint: (errors: string) => string;
    readonly race: (
      contestants: readonly unknown[],
      rounds: number,
      note: (line: string) => void,
    ) => Promise<{ readonly rows: readonly BenchRow[]; readonly failed: readonly string[] }>;
  };
  readonly report: {
    readonly tableOf: (table: string, rows: readonly BenchRow[], about: object) => readonly string[];
    readonly withReport: (page: string, name: string, report: string) => string;
  };
  readonly "gpu/contestants": {
    readonly contestants: (
      settings: object,
      images: string,
    ) => { readonly list: readonly BenchEntry[]; readonly missing?: string };
  };
  readonly "gpu/kernels": {
    readonly kernelsOf: (
      images: number,
      resize: number,
      measured: Readonly<Record<string, object>>,
    ) => Readonly<Record<string, readonly BenchKernel[]>>;
    readonly leastSeconds: (kernel: object, precision: string) => number;
    readonly rowsOf: (kernels: object) => readonly BenchKernelRow[];
    readonly totalOf: (rows: readonly BenchKernelRow[]) => Omit<BenchKernelRow, "kernel" | "result">;
  };
  readonly "gpu/recipe": {
    readonly trainRecipe: (
      precision: string,
      args: readonly string[],
      note: (line: string) => void,
    ) => Promise<Readonly<Record<string, unknown>>>;
  };
  readonly "gpu/report": {
    readonly verdicts: (
      about: object,
      rows: readonly BenchRow[],
      recipes: readonly object[],
    ) => readonly (readonly string[])[];
  };
}

export async function loadBench<K extends keyof BenchModules>(name: K): Promise<BenchModules[K]> {
  return (await import(pathToFileURL(join(root, "bench", `${name}.mjs`)).href)) as BenchModules[K];
}
