/** Which adapters are acceptable. */
export interface AdapterOptions {
  /** Take a software adapter such as SwiftShader where there is no GPU; for tests. Default false. */
  readonly allowSoftware?: boolean;
  /** Ask for experimental features, which browsers hide behind a flag: tensor cores. Default false. */
  readonly experimental?: boolean;
}

/** Precision in which activations and their gradients are stored. */
export const precisions = ["f32", "f16"] as const;
/** One of {@link precisions}. */
export type Precision = (typeof precisions)[number];

/** How a GPU computes. */
export interface GpuOptions extends AdapterOptions {
  /**
   * `f16` stores activations and their gradients as 16-bit floats (mixed precision): half the memory and half the
   * traffic, three decimal digits. Weights and every sum stay float32. Default `f32`.
   */
  readonly precision?: Precision | undefined;
  /**
   * Bytes that the tensors of one run may take, weights not included; default: 24 GiB. Batches that need more run in
   * slices of at least one image.
   */
  readonly memoryBudgetBytes?: number | undefined;
}
