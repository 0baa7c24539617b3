import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../house/sources.js";

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
    readonly withReport: (page: string, report: string) => string;
  };
}

export async function loadBench<K extends keyof BenchModules>(name: K): Promise<BenchModules[K]> {
  return (await import(pathToFileURL(join(root, "bench", `${name}.mjs`)).href)) as BenchModules[K];
}
