import { Predictor, type PredictorOptions } from "../inference/predictor.ts";
import type { Layer } from "../nn/layer.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { whyNoClassMaps } from "./class-maps.ts";
import type { Explanation } from "./explain.ts";
import { type ReceptiveField, receptiveField } from "./receptive-field.ts";

/**
 * A {@link Predictor} that keeps each image's class maps, where the network has them: it ends in
 * `AdaptiveAvgPool2d([1, 1])` and `Flatten`, as NinNet does. Other networks are predicted with, without maps.
 */
export class Explainer implements Disposable {
  /** Why explanations have no maps; undefined if they have. */
  readonly whyNoMaps: string | undefined;
  readonly #predictor: Predictor;
  /** Path of the layer that gives the class maps. */
  readonly #mapsPath: string | undefined;
  readonly #field: ReceptiveField | undefined;

  private constructor(net: Layer, predictor: Predictor, mapsPath: string | undefined) {
    this.whyNoMaps = whyNoClassMaps(net);
    this.#predictor = predictor;
    this.#mapsPath = mapsPath;
    this.#field =
      mapsPath !== undefined && net instanceof Sequential
        ? receptiveField(new Sequential(...net.layers.slice(0, -2)))
        : undefined;
  }

  /**
   * Copies a network's weights to a device.
   *
   * @throws as {@link Predictor.open}
   */
  static async open(net: Layer, options: Omit<PredictorOptions, "features">): Promise<Explainer> {
    const hasMaps = whyNoClassMaps(net) === undefined && net.children.length > 2;
    const mapsPath = hasMaps ? `${net.children.length - 3}` : undefined;
    const features = mapsPath === undefined ? [] : [mapsPath];
    return new Explainer(net, await Predictor.open(net, { ...options, features }), mapsPath);
  }

  /** Names of the classes, by number. */
  get classes(): readonly string[] {
    return this.#predictor.classes;
  }

  /**
   * Classifies a batch of images and says where each class's score comes from.
   *
   * @param images - as of {@link Predictor.run}
   * @returns one explanation an image
   * @throws as {@link Predictor.predict}
   */
  async explain(images: readonly Uint8Array[]): Promise<Explanation[]> {
    const { logits, features } = await this.#predictor.run(images);
    const maps = this.#mapsPath === undefined ? undefined : features[this.#mapsPath]!; // [N, classes, H, W]
    const [, count = 0, height = 0, width = 0] = maps?.shape ?? [];
    const size = height * width;
    const [, inputHeight, inputWidth] = this.#predictor.inputShape;
    return this.#predictor.predictionsOf(logits).map((prediction, n) => ({
      ...prediction,
      maps: Array.from({ length: count }, (_, k) => {
        const start = (n * count + k) * size;
        return { height, width, data: maps!.data.slice(start, start + size) };
      }),
      inputSize: [inputHeight, inputWidth] as const,
      field: this.#field,
    }));
  }

  /** Frees its memory on the device; the device stays open. */
  [Symbol.dispose](): void {
    this.#predictor[Symbol.dispose]();
  }
}
