import type { Preprocessing } from "../core/image-spec.ts";
import type { TensorLike } from "../core/tensor.ts";
import type { Labels } from "../data/dataset.ts";

/** Images as stored, in bytes; `data` has them as the network sees them. */
export interface PixelBatch extends TensorLike {
  /** Images x height x width x channels bytes: the channels of a pixel are neighbours. */
  readonly pixels: Uint8Array;
  /** 1: grey; 3: red, green and blue. */
  readonly channels: number;
  /** As stored, in pixels. */
  readonly height: number;
  /** As stored, in pixels. */
  readonly width: number;
  /** How the network is to see them. */
  readonly preprocessing: Preprocessing;
}

/** Where training and evaluation take images and labels from; a `DataIterator` is one. */
export interface BatchSource {
  /** Images. */
  readonly count: number;
  /** Images a batch; the last one may have fewer. */
  readonly batchSize: number;
  /** Batches an epoch; the last one may be short. */
  readonly batchCount: number;
  /**
   * The batches of one epoch, counted from 0: images and their labels. A batch is asked for while
   * earlier ones are still in use: each needs arrays of its own.
   */
  batches(epoch: number): Iterable<readonly [images: PixelBatch, labels: Labels]>;
}
