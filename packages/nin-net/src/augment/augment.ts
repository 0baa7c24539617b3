import { type Node, sliceStart } from "../graph/node.ts";
import type { Augmentation } from "./augmentation.ts";

/**
 * Images after all augmentations, one after the other.
 *
 * @param key - seed, epoch and step, u32 [3]
 */
export function augment(x: Node, list: readonly Augmentation[], key: Node): Node {
  return list.reduce((image, each, stream) => each.apply(image, { key, sliceStart, stream }), x);
}
