import { ShapeError } from "../base/errors.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { nhwc } from "./check.ts";
import { defineOp } from "./define.ts";

/** Sizes of a convolution's window; both axes alike. */
export interface ConvAttrs {
  /** Pixels between neighbouring windows, at least 1. */
  readonly stride: number;
  /** Zeros added on each side, at least 0. */
  readonly padding: number;
}

/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch), without bias.
 *
 * y[n, i, j, o] = sum over u, v, c of x[n, i s + u - p, j s + v - p, c] w[u, v, c, o]
 *
 * x [N, H, W, Cin], w [K, K, Cin, Cout] -> y [N, OH, OW, Cout], OH = floor((H + 2p - K) / s) + 1
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export const conv2d = defineOp<[x: Node, w: Node], ConvAttrs>("conv2d", {
  infer: ([x, w], attrs) => {
    const [n, h, width, c] = nhwc("conv2d", x);
    const [kernel, , cin, cout] = kernelShape("conv2d", w.shape);
    if (cin !== c) {
      throw new ShapeError("conv2d", {
        got: x.shape,
        want: `[N, H, W, ${cin}], since the weights take ${cin} input channels`,
        fix: "Give the input as many channels as the weights take.",
      });
    }
    return {
      shape: [n, convLength("conv2d", h, kernel, attrs), convLength("conv2d", width, kernel, attrs), cout],
      dtype: "f32",
    };
  },

  reference: ([x, w], { stride, padding }, shape) => {
    const [, h, width, cin] = nhwc("conv2d", x.shape);
    const [kernel, , , cout] = nhwc("conv2d", w.shape);
    const y = new Float64Array(sizeOf(shape));
    eachTap(shape, kernel, h, width, stride, padding, (n, out, row, column, tap) => {
      const from = ((n * h + row) * width + column) * cin;
      for (let c = 0; c < cin; c++) {
        const value = x.data[from + c]!;
        for (let o = 0; o < cout; o++) y[out * cout + o]! += value * w.data[(tap * cin + c) * cout + o]!;
      }
    });
    return y;
  },

  gradient: ({ inputs: [x, w], attrs, dy }) => [
    () => conv2dInputGrad(dy, w, { ...attrs, height: x.type.shape[1]!, width: x.type.shape[2]! }),
    () => conv2dWeightGrad(x, dy, { ...attrs, kernel: w.type.shape[0]! }),
  ],

  cost: ([, w], _attrs, y) => ({ flops: convFlops(w.shape, y.shape) }),
  acceptsEpilogue: true,
  linear: true,
});

/**
 * The gradient of a convolution with respect to its input: every output gradient spread back over its window.
 *
 * dy [N, OH, OW, Cout], w [K, K, Cin, Cout] -> dx [N, height, width, Cin]
 */
export const conv2dInputGrad = defineOp<
  [dy: Node, w: Node],
  ConvAttrs & { readonly height: number; readonly width: number }
>("conv2dInputGrad", {
  infer: ([dy, w], { height, width }) => ({
    shape: [nhwc("conv2dInputGrad", dy)[0], height, width, nhwc("conv2dInputGrad", w)[2]],
    dtype: "f32",
  }),

  reference: ([dy, w], { stride, padding, height, width }, shape) => {
    const [kernel, , cin, cout] = nhwc("conv2dInputGrad", w.shape);
    const dx = new Float64Array(sizeOf(shape));
    eachTap(dy.shape, kernel, height, width, stride, padding, (n, out, row, column, tap) => {
      const to = ((n * height + row) * width + column) * cin;
      for (let c = 0; c < cin; c++) {
        for (let o = 0; o < cout; o++) {
          dx[to + c]! += dy.data[out * cout + o]! * w.data[(tap * cin + c) * cout + o]!;
        }
      }
    });
    return dx;
  },

  cost: ([dy, w]) => ({ flops: convFlops(w.shape, dy.shape) }),
  acceptsEpilogue: true,
  linear: true,
});

/**
 * The gradient of a convolution with respect to its weights: a sum over all images and pixels.
 *
 * x [N, H, W, Cin], dy [N, OH, OW, Cout] -> dw [kernel, kernel, Cin, Cout]
 */
export const conv2dWeightGrad = defineOp<[x: Node, dy: Node], ConvAttrs & { readonly kernel: number }>(
  "conv2dWeightGrad",
  {
    infer: ([x, dy], { kernel }) => ({
      shape: [kernel, kernel, nhwc("conv2dWeightGrad", x)[3], nhwc("conv2dWeightGrad", dy)[3]],
      dtype: "f32",
    }),

    reference: ([x, dy], { stride, padding, kernel }, shape) => {
      const [, h, width, cin] = nhwc("conv2dWeightGrad", x.shape);
      const cout = dy.shape[3]!;
      const dw = new Float64Array(sizeOf(shape));
      eachTap(dy.shape, kernel, h, width, stride, padding, (n, out, row, column, tap) => {
        const from = ((n * h + row) * width + column) * cin;
        for (let c = 0; c < cin; c++) {
          const value = x.data[from + c]!;
          for (let o = 0; o < cout; o++) {
            dw[(tap * cin + c) * cout + o]! += value * dy.data[out * cout + o]!;
          }
        }
      });
      return dw;
    },

    cost: ([x, dy], { kernel }) => ({
      flops: convFlops([kernel, kernel, x.shape[3]!, dy.shape[3]!], dy.shape),
    }),
  },
);

/** Output length of a window that slides along one axis; throws if no window fits. */
export function convLength(
  op: string,
  length: number,
  kernel: number,
  { stride, padding }: ConvAttrs,
): number {
  if (length + 2 * padding < kernel) {
    throw new ShapeError(op, {
      got: `${length} pixels with padding ${padding}`,
      want: `at least ${kernel}, the kernel's size`,
      fix: "Use a larger image, a smaller kernel or more padding.",
    });
  }
  return Math.floor((length + 2 * padding - kernel) / stride) + 1;
}

function kernelShape(op: string, shape: readonly number[]): [number, number, number, number] {
  const [height, width, cin, cout] = nhwc(op, shape);
  if (height !== width) {
    throw new ShapeError(op, { got: shape, want: "[K, K, Cin, Cout]", fix: "Use square kernels." });
  }
  return [height, width, cin, cout];
}

/** Two operations for each weight at each output pixel. */
function convFlops(w: readonly number[], y: readonly number[]): number {
  return 2 * sizeOf(w) * y[0]! * y[1]! * y[2]!;
}

/** Calls `visit` for every output pixel and every kernel tap that falls inside the image. */
function eachTap(
  outShape: readonly number[],
  kernel: number,
  height: number,
  width: number,
  stride: number,
  padding: number,
  visit: (n: number, outPixel: number, row: number, column: number, tap: number) => void,
): void {
  const [n, oh, ow] = outShape as [number, number, number];
  for (let pixel = 0; pixel < n * oh * ow; pixel++) {
    const image = Math.floor(pixel / (oh * ow));
    const i = Math.floor(pixel / ow) % oh;
    const j = pixel % ow;
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const row = i * stride + Math.floor(tap / kernel) - padding;
      const column = j * stride + (tap % kernel) - padding;
      if (row >= 0 && row < height && column >= 0 && column < width) visit(image, pixel, row, column, tap);
    }
  }
}
