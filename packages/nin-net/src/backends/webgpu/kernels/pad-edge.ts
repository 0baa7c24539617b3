/** Repeats the pixels at the edges, one thread an element. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { PadEdgeAttrs } from "../../../ops/pad-edge.ts";
import type { Lowering } from "../lowering.ts";
import { floats } from "../shader.ts";

export function padEdge(node: OpNode & { readonly attrs: PadEdgeAttrs }, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const [, height, width, channels] = x.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = node.type.shape as [number, number, number];
  const { before } = node.attrs;
  const elements = sizeOf(node.type.shape);
  const read = floats("x", to.buffer(x));
  to.launch({
    kernel: "padEdge",
    reads: [read],
    writes: [floats("y", to.buffer(node))],
    body: `
  if (id >= n.x) { return; }
  let c = id % ${channels}u;
  let column = clamp(i32(id / ${channels}u % ${outWidth}u) - ${before}, 0, ${width - 1});
  let row = clamp(i32(id / ${channels * outWidth}u % ${outHeight}u) - ${before}, 0, ${height - 1});
  let image = id / ${channels * outWidth * outHeight}u;
  y[id] = ${read.at(`((image * ${height}u + u32(row)) * ${width}u + u32(column)) * ${channels}u + c`)};`,
    sizes: [elements],
    threads: elements,
  });
}
