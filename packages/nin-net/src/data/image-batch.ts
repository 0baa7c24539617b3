import type { TensorLike } from "../core/tensor.ts";
import { imageSize } from "./dataset.ts";
import { resizeImages } from "./resize.ts";

/** Images of one batch: the bytes as stored, and, when somebody asks, the float tensor they stand for. */
export class ImageBatch implements TensorLike {
  /** Grey levels 0..255, n * 28 * 28 bytes. */
  readonly pixels: Uint8Array;
  readonly height = imageSize;
  readonly width = imageSize;
  /** Pixels on each side that the network is to see; undefined: as stored. */
  readonly resize: number | undefined;
  /** [n, 1, resize, resize], or [n, 1, 28, 28] without resize. */
  readonly shape: readonly [n: number, channels: 1, height: number, width: number];
  #data: Float32Array | undefined;

  /**
   * @param pixels - n * 28 * 28 bytes
   * @param resize - see {@link ImageBatch.resize}
   */
  constructor(pixels: Uint8Array, resize?: number) {
    this.pixels = pixels;
    this.resize = resize;
    const side = resize ?? imageSize;
    this.shape = [pixels.length / (imageSize * imageSize), 1, side, side];
  }

  /** The images resized and divided by 255, as {@link ImageBatch.shape} says; made at the first use. */
  get data(): Float32Array {
    this.#data ??= resizeImages(this.pixels, imageSize, this.shape[2]);
    return this.#data;
  }
}
