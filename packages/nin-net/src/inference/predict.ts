import type { Device } from "../backends/backend.ts";
import { NinError, ShapeError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";
import type { PreprocessingOptions } from "../core/preprocessing.ts";
import type { TensorLike } from "../core/tensor.ts";
import { ImageBatch } from "../data/image-batch.ts";
import type { Layer } from "../nn/layer.ts";
import type { Picture } from "./picture.ts";
import { type PrepareOptions, preparePicture } from "./prepare-picture.ts";

/** A class and its probability. */
export interface RankedClass {
  /** The class's label, from 0. */
  readonly index: number;
  /** The class's name. */
  readonly name: string;
  /** 0..1; those of all classes add up to 1. */
  readonly probability: number;
}

/** A classified image. */
export interface Prediction {
  /** The most likely class. */
  readonly top: RankedClass;
  /** Every class, the most likely first; ties in the order of the classes. */
  readonly ranked: readonly RankedClass[];
  /** Scores before the softmax, by class. */
  readonly logits: Float32Array;
}

/** How {@link predict} runs a network, and what it calls the classes. */
export interface PredictOptions {
  /** Where to run; default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Names of the classes; default `class 0` and so on. */
  readonly classes?: readonly string[] | undefined;
}

/** How pictures are prepared, and how the network sees the images that they become. */
export interface PredictPicturesOptions extends PredictOptions, PrepareOptions, PreprocessingOptions {}

/**
 * Classifies a batch of images, in evaluation mode.
 *
 * @param images - [N, C, H, W], as the network was trained on, e.g. an {@link ImageBatch}
 * @returns one prediction an image
 * @throws ShapeError if the network cannot take the images; NinError if its scores are not numbers
 */
export async function predict(
  net: Layer,
  images: TensorLike,
  { device, classes }: PredictOptions = {},
): Promise<Prediction[]> {
  const { shape, data } = await net.forward(images, { device });
  const [count, classCount] = shape as [number, number];
  if (shape.length !== 2) {
    throw new ShapeError("predict", {
      got: shape,
      want: "[N, classes] from the network",
      fix: "Give a network that ends in class scores, such as NinNet.",
    });
  }
  return Array.from({ length: count }, (_, n) =>
    predictionOf(data.slice(n * classCount, (n + 1) * classCount), classes),
  );
}

/**
 * Classifies pictures of any size, prepared as the data set's images were.
 *
 * @param options - `resize`, `mean` and `std` as the network was trained with
 * @returns one prediction a picture
 * @throws DataError as {@link preparePicture}; ShapeError if the network cannot take the images
 */
export async function predictPictures(
  net: Layer,
  pictures: readonly Picture[],
  { resize, mean, std, invert, preparation, image, ...options }: PredictPicturesOptions = {},
): Promise<Prediction[]> {
  const prepared = pictures.map((picture) => preparePicture(picture, { invert, preparation, image }));
  const [first] = prepared;
  if (first === undefined) return [];
  const pixels = prepared.map((each) => each.pixels);
  return await predict(net, imageBatch(pixels, first.image, { resize, mean, std }), options);
}

/**
 * Puts images into one batch.
 *
 * @param images - height * width * channels bytes each: row after row, the channels of a pixel together
 * @param image - what they are, as stored
 * @param preprocessing - how the network sees them; default: divided by 255, as stored
 * @throws ShapeError if an image has another size
 */
export function imageBatch(
  images: readonly Uint8Array[],
  image: Pick<ImageSpec, "channels" | "height" | "width">,
  preprocessing?: PreprocessingOptions,
): ImageBatch {
  const { channels, height, width } = image;
  const size = height * width * channels;
  const pixels = new Uint8Array(images.length * size);
  images.forEach((bytes, n) => {
    if (bytes.length !== size) {
      throw new ShapeError("imageBatch", {
        got: `${bytes.length} bytes as image ${n}`,
        want: `${size}, ${height} * ${width}${channels === 1 ? "" : ` * ${channels}`}`,
        fix: "Prepare pictures with preparePicture first.",
      });
    }
    pixels.set(bytes, n * size);
  });
  return new ImageBatch(pixels, image, preprocessing);
}

/** @throws NinError if a score is not a number */
export function predictionOf(logits: Float32Array, classes: readonly string[] | undefined): Prediction {
  if (!logits.every(Number.isFinite)) {
    throw new NinError(
      "The network's scores are not all finite numbers: its weights are spoilt, as by a learning rate that is " +
        "too high. Train again with a lower one.",
    );
  }
  const probabilities = softmax(logits);
  const ranked = probabilities
    .map((probability, index) => ({ index, name: classes?.[index] ?? `class ${index}`, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index);
  return { top: ranked[0]!, ranked, logits };
}

/** @returns probabilities that add up to 1 */
export function softmax(logits: Float32Array): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
