import type { Layer } from "../nn/layer.ts";
import { Sequential } from "../nn/layers/sequential.ts";

/**
 * How many numbers a network's first layers make of an image: what a Linear layer behind them takes.
 *
 * @param kind - the network's, for the message
 * @param image - [C, H, W]
 * @throws ShapeError naming the layer that cannot take its input
 */
export function flattenedLength(kind: string, layers: readonly Layer[], image: readonly number[]): number {
  const [, ...shape] = new Sequential(...layers).outputShape([1, ...image], { root: kind, path: "" });
  return shape.reduce((product, length) => product * length, 1);
}
