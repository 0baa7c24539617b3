import { ShapeError } from "../core/errors.ts";
import { checkStoredImage, type ImageSpec, type Preprocessing } from "../core/image-spec.ts";
import { type PreprocessingOptions, preprocessedShape, preprocessingOf } from "../core/preprocessing.ts";
import type { TensorLike } from "../core/tensor.ts";
import { preprocessImages } from "./preprocess-images.ts";

/** Images of one batch: the bytes as stored, and, at the first use, the float tensor that the network sees. */
export class ImageBatch implements TensorLike {
  /** n * height * width * channels bytes: image after image, row after row, the channels of a pixel together. */
  readonly pixels: Uint8Array;
  /** 1: grey; 3: red, green and blue. */
  readonly channels: number;
  /** As stored, in pixels. */
  readonly height: number;
  /** As stored, in pixels. */
  readonly width: number;
  /** How the bytes become {@link ImageBatch.data}. */
  readonly preprocessing: Preprocessing;
  /** As the network sees them, [N, C, H, W]. */
  readonly shape: readonly [n: number, channels: number, height: number, width: number];
  #data: Float32Array | undefined;

  /**
   * @param pixels - see {@link ImageBatch.pixels}
   * @param image - what the images are, as stored
   * @throws ShapeError if the bytes are not a whole number of images, or the preprocessing does not fit them
   */
  constructor(
    pixels: Uint8Array,
    image: Pick<ImageSpec, "channels" | "height" | "width">,
    preprocessing: PreprocessingOptions = {},
  ) {
    checkStoredImage("ImageBatch", image);
    const { channels, height, width } = image;
    const count = pixels.length / (channels * height * width);
    if (!Number.isInteger(count)) {
      throw new ShapeError("ImageBatch", {
        got: `${pixels.length} bytes`,
        want: `a multiple of ${channels * height * width}, ${height} x ${width} pixels of ${channels} bytes`,
        fix: "Give whole images, or say what they are.",
      });
    }
    this.pixels = pixels;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.preprocessing = preprocessingOf("ImageBatch", preprocessing, image);
    this.shape = [count, ...preprocessedShape(image, this.preprocessing)];
  }

  /** The images resized, in 0..1 and normalised, as {@link ImageBatch.shape} says; made at the first use. */
  get data(): Float32Array {
    this.#data ??= preprocessImages(this.pixels, this, this.preprocessing);
    return this.#data;
  }
}
