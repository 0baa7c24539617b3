/** How many images a slice has: a function of the shapes alone, so that results are the same on every machine. */
import { bytesPerElement, type Graph, rootsOf, sizeOf, topologicalOrder } from "../graph/node.ts";
import { costOf } from "../graph/op.ts";
import { mixesImages, nodesCountingImages } from "../graph/slices.ts";

/** The largest activation of a slice stays below this: eight images of 224 pixels in Network in Network. */
const mostBytes = 12 * 2 ** 20;
const mostImages = 64;
/** Weights of so many bytes come from memory for every slice, as those of AlexNet's Linear layers. */
const largeWeights = 16 * 2 ** 20;
/** Each of them should then be used in so many products, or a step waits for the memory. */
const leastUses = 32;
/**
 * What the largest activation may be where larger slices are worth it: 32 images of 224 pixels in VGG-11 with a quarter
 * of its channels, 64 in Network in Network.
 */
const mostBytesWhereWorthIt = 128 * 2 ** 20;

/**
 * The images of a slice where the caller does not say: the largest power of two, from 1 to 64, that keeps the largest
 * activation below 12 MiB; below 128 MiB where large weights are used less than 32 times otherwise, and where results
 * depend on the slices: batch normalization learns better the more images share its statistics, up to 64.
 *
 * @param graph - as traced, before any pass
 * @param images - that it was traced for
 */
export function defaultSliceSize(graph: Graph, images: number): number {
  const bytes = largestActivationBytes(graph, images);
  const uses = usesOfLargeWeights(graph, images);
  const mixes = mixesImages(graph);
  let size = 1;
  const most = () => (mixes || size * uses < leastUses ? mostBytesWhereWorthIt : mostBytes);
  while (size < mostImages && 2 * size * bytes <= most()) size *= 2;
  return size;
}

/** In how many products an image uses a large weight, where that is least; infinity without large weights. */
function usesOfLargeWeights(graph: Graph, images: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const node of nodesCountingImages(topologicalOrder(rootsOf(graph)))) {
    if (node.kind !== "op") continue;
    const { flops } = costOf(node);
    for (const { phase, type } of node.inputs) {
      const weights = sizeOf(type.shape);
      if (phase !== "step" || weights * bytesPerElement[type.dtype] < largeWeights) continue;
      least = Math.min(least, flops / 2 / weights / images);
    }
  }
  return least;
}

/**
 * Bytes of the largest value of a graph that counts images, for one image. It is the same for a network's forward
 * pass and for its training step: gradients have the shapes of what they are gradients of.
 *
 * @param images - that the graph was traced for
 */
export function largestActivationBytes(graph: Graph, images: number): number {
  let largest = 1;
  for (const { kind, type } of nodesCountingImages(topologicalOrder(rootsOf(graph)))) {
    if (kind !== "op") continue;
    largest = Math.max(largest, (sizeOf(type.shape) * bytesPerElement[type.dtype]) / images);
  }
  return largest;
}
