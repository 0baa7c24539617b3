/** `auto` and `256` may switch on engine flags; without a choice no flag is touched. */
export type SimdChoice = "auto" | "128" | "256";

/** How the CPU computes. */
export interface WasmOptions {
  /**
   * Threads that compute; default: as many as there are cores, or as a CPU quota allows, 16 at most. Fewer start where
   * the limit on address space has no room for more; results are the same.
   */
  readonly threads?: number | undefined;
  /**
   * Vector width. Left out, no flag of the JavaScript engine is touched, and the width is 128 bits; `auto` uses
   * 256 bits where they pass a test and are faster.
   */
  readonly simd?: SimdChoice;
}
