import type { Explanation, ImageSpec } from "nin-net";

/** What the images of a request are made into: those that the network was trained on, as stored. */
export type ImageShape = Pick<ImageSpec, "channels" | "height" | "width">;

/** A trained network as the service sees it. */
export interface Model {
  readonly image: ImageShape;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** Why explanations have no class maps; undefined if they have. */
  readonly whyNoMaps: string | undefined;

  /**
   * Classifies a batch of images.
   *
   * @param images - height * width * channels bytes each
   * @returns one result for each image, in their order
   */
  classify(images: readonly Uint8Array[]): Promise<readonly Explanation[]>;
}
