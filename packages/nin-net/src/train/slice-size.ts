import type { Layer } from "../nn/layer.ts";
import { summarize } from "../nn/summary.ts";

/** Of the activations that a slice keeps: eight images of 224 pixels through NinNet. */
const activationBytesAtMost = 1.04e8;
const mostImages = 64;

/**
 * Images a slice: a power of two that follows from shapes alone, so that it is the same on every machine. Gradients
 * are added up slice by slice: small slices keep the activations of large images in memory and in the caches, large
 * ones spare small images many short instructions.
 *
 * @param net - a layer or a network
 * @param image - the shape of one image as the network sees it, [C, H, W]
 * @param batchSize - images a step; a slice is no larger than it takes
 * @returns 1 to 64
 * @throws ShapeError if the network cannot take the image
 */
export function sliceSizeFor(net: Layer, image: readonly number[], batchSize: number): number {
  const { activationBytes } = summarize(net, [1, ...image]);
  const fitting = 2 ** Math.floor(Math.log2(activationBytesAtMost / activationBytes));
  const needed = 2 ** Math.ceil(Math.log2(batchSize));
  return Math.max(1, Math.min(fitting, needed, mostImages));
}
