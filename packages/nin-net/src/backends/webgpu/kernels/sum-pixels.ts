/** Sums over pixels, in pieces that are added in order: as many on every GPU. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { floats } from "../shader.ts";
import { sumPieces } from "./sum-pieces.ts";

const mostPieces = 1024;
const leastPixels = 32;

/** x [pixels, channels] -> [channels] */
export function sumPixels(node: OpNode, to: Lowering, channels: number): void {
  const [x] = node.inputs as [Node];
  const pixels = sizeOf(x.type.shape) / channels;
  const pieces = Math.max(1, Math.min(mostPieces, Math.floor(pixels / leastPixels)));
  const result = to.buffer(node);
  const parts = pieces > 1 ? to.scratch(pieces * channels) : result;
  const read = floats("x", to.buffer(x));
  to.launch({
    kernel: "sumPixels",
    reads: [read],
    writes: [floats("y", parts)],
    body: `
  if (id >= n.z * ${channels}u) { return; }
  let piece = id / ${channels}u;
  let c = id % ${channels}u;
  var sum = 0.0;
  for (var pixel = piece * n.y; pixel < min((piece + 1u) * n.y, n.x); pixel++) {
    sum += ${read.at(`pixel * ${channels}u + c`)};
  }
  y[id] = sum;`,
    sizes: [pixels, Math.ceil(pixels / pieces), pieces],
    threads: pieces * channels,
  });
  if (pieces > 1) sumPieces(parts, result, pieces, channels, to);
}
