import { type Device, Explainer, type Explanation, type Layer, type PreprocessingOptions } from "nin-net";
import type { ImageShape, Model } from "./model.ts";

export interface NetworkModelOptions {
  readonly device: Device;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** What the images of a request are made into. */
  readonly image: ImageShape;
  /** How the network sees them. */
  readonly preprocessing: PreprocessingOptions;
}

/** A trained network on a device: the bytes of many images in, scores and class maps out. */
export class NetworkModel implements Model, Disposable {
  readonly image: ImageShape;
  readonly #explainer: Explainer;

  private constructor(explainer: Explainer, image: ImageShape) {
    this.#explainer = explainer;
    this.image = image;
  }

  /**
   * Copies the weights to the device.
   *
   * @throws NinError if the network does not give one score a class
   */
  static async open(net: Layer, options: NetworkModelOptions): Promise<NetworkModel> {
    return new NetworkModel(await Explainer.open(net, options), options.image);
  }

  get classes(): readonly string[] {
    return this.#explainer.classes;
  }

  get whyNoMaps(): string | undefined {
    return this.#explainer.whyNoMaps;
  }

  classify(images: readonly Uint8Array[]): Promise<Explanation[]> {
    return this.#explainer.explain(images);
  }

  [Symbol.dispose](): void {
    this.#explainer[Symbol.dispose]();
  }
}
