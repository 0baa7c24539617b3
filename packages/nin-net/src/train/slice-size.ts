import { defaultSliceSize } from "../backends/slice-size.ts";
import { input } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { activationShapeToEngine } from "../nn/layout.ts";
import { DeviceParameters, traceContext } from "../nn/trace.ts";

/**
 * Images a slice: a power of two that follows from the shapes of the network's activations alone, so that it is the
 * same on every machine, for every batch and after every resume. Small slices keep the activations of large images in
 * the caches, large ones spare small images many short instructions. A network with batch normalization gets larger
 * ones: it learns better the more images share the statistics, up to 64.
 *
 * @param net - a layer or a network
 * @param image - the shape of one image as the network sees it, [C, H, W]
 * @returns 1 to 64
 * @throws ShapeError if the network cannot take the image
 */
export function sliceSizeFor(net: Layer, image: readonly number[]): number {
  const x = input("x", activationShapeToEngine([1, ...image]), "f32", "slice");
  const context = traceContext("train", new DeviceParameters(net));
  const y = net.trace(x, context);
  return defaultSliceSize({ outputs: { y }, updates: context.updates }, 1);
}
