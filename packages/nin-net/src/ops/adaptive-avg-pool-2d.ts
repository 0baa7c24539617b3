import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { floats, nhwc, wholeNumber } from "./check.ts";
import { eachShare, type WindowSpan } from "./window.ts";

/** Pixels of the maps on the other side: of the result, or for the gradient of the input. */
export interface PixelsAttrs {
  /** In pixels. */
  readonly height: number;
  /** In pixels. */
  readonly width: number;
}

/**
 * Averages over as many windows as pixels are asked for, channel by channel.
 *
 * Window i of n over a length L reaches from floor(i L / n) to ceil((i + 1) L / n), PyTorch's rule: windows
 * overlap where n does not divide L.
 *
 * x [N, H, W, C] -> y [N, height, width, C]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export const adaptiveAvgPool2d = defineOp<[x: Node], PixelsAttrs>("adaptiveAvgPool2d", {
  infer: ([x], { height, width }) => {
    const op = "adaptiveAvgPool2d";
    floats(op, x);
    const [n, , , c] = nhwc(op, x);
    wholeNumber(op, "height", height, 1);
    wholeNumber(op, "width", width, 1);
    return { shape: [n, height, width, c], dtype: "f32" };
  },
  reference: ([x], { height, width }, shape) => {
    const [, h, w] = x.shape as [number, number, number];
    const y = new Float64Array(sizeOf(shape));
    eachShare(x.shape, adaptiveWindows(h, height), adaptiveWindows(w, width), (from, to, share) => {
      y[to]! += x.data[from]! * share;
    });
    return y;
  },
  gradient: ({ inputs: [x], dy }) => [
    () => adaptiveAvgPool2dGrad(dy, { height: x.type.shape[1]!, width: x.type.shape[2]! }),
  ],
  cost: ([x]) => ({ flops: sizeOf(x.shape) }),
  linear: true,
});

/**
 * The gradient of {@link adaptiveAvgPool2d}: each average's gradient, shared out evenly over its window.
 *
 * dy [N, OH, OW, C] -> dx [N, height, width, C]
 */
export const adaptiveAvgPool2dGrad = defineOp<[dy: Node], PixelsAttrs>("adaptiveAvgPool2dGrad", {
  infer: ([dy], { height, width }) => {
    const op = "adaptiveAvgPool2dGrad";
    floats(op, dy);
    const [n, , , c] = nhwc(op, dy);
    wholeNumber(op, "height", height, 1);
    wholeNumber(op, "width", width, 1);
    return { shape: [n, height, width, c], dtype: "f32" };
  },
  reference: ([dy], { height, width }, shape) => {
    const [, outHeight, outWidth] = dy.shape as [number, number, number];
    const dx = new Float64Array(sizeOf(shape));
    eachShare(
      shape,
      adaptiveWindows(height, outHeight),
      adaptiveWindows(width, outWidth),
      (to, from, share) => {
        dx[to]! += dy.data[from]! * share;
      },
    );
    return dx;
  },
  cost: (_types, _attrs, dx) => ({ flops: sizeOf(dx.shape) }),
  acceptsEpilogue: true,
  linear: true,
});

/** Where the windows of adaptive pooling start and end (exclusive) along one axis. */
export function adaptiveWindows(length: number, count: number): WindowSpan[] {
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * length) / count);
    const end = Math.ceil(((i + 1) * length) / count);
    return { start, end, size: end - start };
  });
}
