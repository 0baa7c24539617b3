import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { floats, nhwc, wholeNumber } from "./check.ts";

/** Pixels added at the start and at the end of both axes. */
export interface PadEdgeAttrs {
  readonly before: number;
  readonly after: number;
}

/**
 * Continues an image beyond its edges by repeating the pixels there (PyTorch's padding_mode="replicate").
 *
 * x [N, H, W, C] -> y [N, before + H + after, before + W + after, C]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 */
export const padEdge = defineOp<[x: Node], PadEdgeAttrs>("padEdge", {
  infer: ([x], { before, after }) => {
    floats("padEdge", x);
    const [n, h, w, c] = nhwc("padEdge", x);
    wholeNumber("padEdge", "before", before, 0);
    wholeNumber("padEdge", "after", after, 0);
    return { shape: [n, h + before + after, w + before + after, c], dtype: "f32" };
  },
  reference: ([x], { before }, shape) => {
    const [, h, w, c] = nhwc("padEdge", x.shape);
    const [, height, width] = nhwc("padEdge", shape);
    const inside = (at: number, length: number) => Math.min(Math.max(at - before, 0), length - 1);
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const pixel = Math.floor(i / c);
      const row = inside(Math.floor(pixel / width) % height, h);
      const column = inside(pixel % width, w);
      const image = Math.floor(pixel / (width * height));
      return x.data[((image * h + row) * w + column) * c + (i % c)]!;
    });
  },
  cost: () => ({ flops: 0 }),
  linear: true,
});
