import { type Node, type OpNode, sliceStart } from "../../graph/node.ts";
import { mul } from "../mul.ts";
import { type RandomMaskAttrs, randomMask } from "../random-mask.ts";

/**
 * Sets a random share of the elements to 0 and scales the others up, so that the mean stays.
 *
 * x [N, ...], key u32 [3]: seed, epoch, step -> y [N, ...]
 *
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"
 */
export function dropout(x: Node, key: Node, { rate, stream }: Omit<RandomMaskAttrs, "shape">): OpNode {
  return mul(x, randomMask(key, sliceStart, { shape: x.type.shape, rate, stream }));
}
