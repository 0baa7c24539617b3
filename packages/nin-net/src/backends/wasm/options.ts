/** Bits of a vector; `auto` and `256` may switch on a flag of the engine. */
export type SimdChoice = "auto" | "128" | "256";

/** How the CPU computes. */
export interface WasmOptions {
  /**
   * Threads that compute; default: as many as there are cores, or as a CPU quota allows, 16 at most. Fewer start where
   * the limit on address space has no room for more; results are the same.
   */
  readonly threads?: number | undefined;
  /** Processes that compute on these cores, this one included: the default is one's part of them. Default: 1 */
  readonly coreSharers?: number | undefined;
  /**
   * Vector width in bits. `auto`, the default, uses 256 where they give the bits of 128 in a self-test and are faster;
   * Node then keeps V8's experimental flag for them on, for the whole process. `128` leaves that flag alone.
   */
  readonly simd?: SimdChoice | undefined;
}
