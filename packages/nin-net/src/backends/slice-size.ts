/** How many images a slice has: a function of the shapes alone, so that results are the same on every machine. */
import {
  bytesPerElement,
  type Graph,
  inputsOf,
  type Node,
  rootsOf,
  sizeOf,
  topologicalOrder,
} from "../graph/node.ts";

/** The largest activation of a slice stays below this: eight images of 224 pixels in Network in Network. */
const mostBytes = 12 * 2 ** 20;
const mostImages = 64;

/**
 * The images of a slice, a power of two: as many as keep the largest activation below 12 MiB, from 1 to 64, and no
 * more than the batch needs.
 *
 * @param activationBytes - of the network's largest activation, for one image; see {@link largestActivationBytes}
 * @param batchSize - images a batch; left out, any
 */
export function sliceSizeFor(activationBytes: number, batchSize = mostImages): number {
  let images = 1;
  while (images < Math.min(mostImages, batchSize) && 2 * images * activationBytes <= mostBytes) images *= 2;
  return images;
}

/**
 * Bytes of the largest value of a graph that counts images, for one image. It is the same for a network's forward
 * pass and for its training step: gradients have the shapes of what they are gradients of.
 *
 * @param images - that the graph was traced for
 */
export function largestActivationBytes(graph: Graph, images: number): number {
  const countsImages = new Set<Node>();
  let largest = 1;
  for (const node of topologicalOrder(rootsOf(graph))) {
    if (node.kind !== "op") {
      if (node.phase === "slice") countsImages.add(node);
    } else if (
      !node.op.sumsImages &&
      !node.op.sumsSlices &&
      inputsOf(node).some((x) => countsImages.has(x))
    ) {
      countsImages.add(node);
      const bytes = sizeOf(node.type.shape) * bytesPerElement[node.type.dtype];
      largest = Math.max(largest, bytes / images);
    }
  }
  return largest;
}
