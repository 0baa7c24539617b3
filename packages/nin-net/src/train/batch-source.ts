import type { TensorLike } from "../core/tensor.ts";

/** Grey images as stored, one byte a pixel; `data` has them resized and in 0..1. */
export interface PixelBatch extends TensorLike {
  /** Images x height x width bytes. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Height and width that the images are to be resized to; undefined: left as they are. */
  readonly resize: number | undefined;
}

/** Where training and evaluation take images and labels from; a `DataIterator` is one. */
export interface BatchSource {
  /** Images. */
  readonly count: number;
  readonly batchSize: number;
  /** Batches an epoch; the last one may be short. */
  readonly batchCount: number;
  /**
   * The batches of one epoch, counted from 0: images and their labels, one byte each. A batch is asked for while
   * earlier ones are still in use: each needs arrays of its own.
   */
  batches(epoch: number): Iterable<readonly [images: PixelBatch, labels: Uint8Array]>;
}
