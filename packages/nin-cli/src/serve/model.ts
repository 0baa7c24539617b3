import type { Explanation } from "nin-net";

/** A trained network as the service sees it. */
export interface Model {
  /** Names of the classes, by number. */
  readonly classes: readonly string[];

  /**
   * What the network says of a batch of images.
   *
   * @param images - 28 * 28 grey levels each
   * @returns one result for each image, in their order
   */
  classify(images: readonly Uint8Array[]): Promise<readonly Explanation[]>;
}
