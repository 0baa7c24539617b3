import type { Explanation } from "nin-net";

/** A trained network as the service sees it. */
export interface Model {
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** Why explanations have no class maps; undefined if they have. */
  readonly whyNoMaps: string | undefined;

  /**
   * What the network says of a batch of images.
   *
   * @param images - bytes of the size that the network was trained on
   * @returns one result for each image, in their order
   */
  classify(images: readonly Uint8Array[]): Promise<readonly Explanation[]>;
}
