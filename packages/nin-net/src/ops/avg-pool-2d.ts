import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { exactShape, floats, nhwc } from "./check.ts";
import { eachShare, type PoolAttrs, pooledShape, type WindowSpan } from "./window.ts";

export interface AvgPoolAttrs extends PoolAttrs {
  /** Whether the zeros of the padding count as pixels; what lies beyond the padding never does. */
  readonly countIncludePad: boolean;
}

/**
 * The mean of each window, channel by channel.
 *
 * x [N, H, W, C] -> y [N, OH, OW, C], OH = floor((H + 2p - K) / s) + 1
 *
 * @throws ShapeError if no window fits, or if the padding is more than half the kernel
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export const avgPool2d = defineOp<[x: Node], AvgPoolAttrs>("avgPool2d", {
  infer: ([x], attrs) => ({ shape: pooledShape("avgPool2d", x, attrs), dtype: "f32" }),
  reference: ([x], attrs, shape) => {
    const [, height, width] = x.shape as [number, number, number];
    const [, outHeight, outWidth] = shape as [number, number, number];
    const y = new Float64Array(sizeOf(shape));
    const rows = slidingWindows(height, outHeight, attrs);
    eachShare(x.shape, rows, slidingWindows(width, outWidth, attrs), (from, to, share) => {
      y[to]! += x.data[from]! * share;
    });
    return y;
  },
  gradient: ({ inputs: [x], attrs, dy }) => [
    () => {
      const [, height, width] = nhwc("avgPool2d", x.type);
      return avgPool2dGrad(dy, { ...attrs, height, width });
    },
  ],
  cost: (_types, { kernel }, y) => ({ flops: kernel ** 2 * sizeOf(y.shape) }),
  linear: true,
});

/**
 * The gradient of {@link avgPool2d}: each mean's gradient, shared out evenly over its window.
 *
 * dy [N, OH, OW, C] -> dx [N, height, width, C]
 */
export const avgPool2dGrad = defineOp<
  [dy: Node],
  AvgPoolAttrs & { readonly height: number; readonly width: number }
>("avgPool2dGrad", {
  infer: ([dy], attrs) => {
    const op = "avgPool2dGrad";
    floats(op, dy);
    const [n, , , c] = nhwc(op, dy);
    const shape = [n, attrs.height, attrs.width, c];
    exactShape(op, "the pooled maps", dy.shape, pooledShape(op, { shape, dtype: "f32" }, attrs));
    return { shape, dtype: "f32" };
  },
  reference: ([dy], attrs, shape) => {
    const [, outHeight, outWidth] = dy.shape as [number, number, number];
    const dx = new Float64Array(sizeOf(shape));
    const rows = slidingWindows(attrs.height, outHeight, attrs);
    eachShare(shape, rows, slidingWindows(attrs.width, outWidth, attrs), (to, from, share) => {
      dx[to]! += dy.data[from]! * share;
    });
    return dx;
  },
  cost: ([dy], { kernel }) => ({ flops: kernel ** 2 * sizeOf(dy.shape) }),
  acceptsEpilogue: true,
  linear: true,
});

/** The windows along one axis of so many pixels. */
export function slidingWindows(
  length: number,
  count: number,
  { kernel, stride, padding, countIncludePad }: AvgPoolAttrs,
): WindowSpan[] {
  return Array.from({ length: count }, (_, i) => {
    const first = i * stride - padding;
    const start = Math.max(0, first);
    const end = Math.min(length, first + kernel);
    const padded = Math.min(length + padding, first + kernel) - first;
    return { start, end, size: countIncludePad ? padded : end - start };
  });
}
