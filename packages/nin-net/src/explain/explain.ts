import type { TensorLike } from "../core/tensor.ts";
import { type Prediction, type PredictOptions, predictionOf } from "../inference/predict.ts";
import type { Sequential } from "../nn/layers/sequential.ts";
import { classMaps } from "./class-maps.ts";
import type { ReceptiveField } from "./receptive-field.ts";

/** One class's map: where in the image its score comes from. */
export interface ClassMap {
  /** In values of the map, not in pixels of the image. */
  readonly height: number;
  /** In values of the map, not in pixels of the image. */
  readonly width: number;
  /** height * width values, row after row; their average is the class's score. */
  readonly data: Float32Array;
}

/** What a network says of one image, and where each class's score comes from. */
export interface Explanation extends Prediction {
  /** One map a class, in the order of the classes; none where the network's scores are not averages of maps. */
  readonly maps: readonly ClassMap[];
  /** Of the image that the network saw, in pixels. */
  readonly inputSize: readonly [height: number, width: number];
  /** Where in that image a pixel of the maps looks. */
  readonly field: ReceptiveField | undefined;
}

/**
 * Classifies a batch of images and keeps the class maps, which explain the scores exactly.
 *
 * @param net - a network that ends in `AdaptiveAvgPool2d([1, 1])` and `Flatten`, as NinNet does
 * @param images - [N, C, H, W], as the network was trained on
 * @returns one explanation an image
 * @throws NinError if the network ends otherwise, or its scores are not numbers
 */
export async function explain(
  net: Sequential,
  images: TensorLike,
  { device, classes }: PredictOptions = {},
): Promise<Explanation[]> {
  const { maps, logits, field } = await classMaps(net, images, { device });
  const [count, classCount, height, width] = maps.shape as [number, number, number, number];
  const inputSize = [images.shape[2]!, images.shape[3]!] as const;
  const pixels = height * width;
  const mapAt = (index: number) => ({
    height,
    width,
    data: maps.data.slice(index * pixels, (index + 1) * pixels),
  });
  return Array.from({ length: count }, (_, n) => ({
    ...predictionOf(logits.data.slice(n * classCount, (n + 1) * classCount), classes),
    maps: Array.from({ length: classCount }, (_, k) => mapAt(n * classCount + k)),
    inputSize,
    field,
  }));
}
