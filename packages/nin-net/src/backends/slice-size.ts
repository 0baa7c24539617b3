/** How many images a slice has: a function of the shapes alone, so that results are the same on every machine. */
import { bytesPerElement, type Graph, rootsOf, sizeOf, topologicalOrder } from "../graph/node.ts";
import { nodesCountingImages } from "../graph/slices.ts";

/** The largest activation of a slice stays below this: eight images of 224 pixels in Network in Network. */
const mostBytes = 12 * 2 ** 20;
const mostImages = 64;

/**
 * The images of a slice where the caller does not say: the largest power of two, from 1 to 64, that keeps the largest
 * activation below 12 MiB.
 *
 * @param graph - as traced, before any pass
 * @param images - that it was traced for
 */
export function defaultSliceSize(graph: Graph, images: number): number {
  const bytes = largestActivationBytes(graph, images);
  let size = 1;
  while (size < mostImages && 2 * size * bytes <= mostBytes) size *= 2;
  return size;
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
