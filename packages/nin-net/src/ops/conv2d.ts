import { ShapeError } from "../core/errors.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { exactShape, floats, nhwc } from "./check.ts";
import { eachTap, type SlidingAttrs, windowCount } from "./window.ts";

/** How the kernel slides; the padding is zeros. */
export type ConvAttrs = SlidingAttrs;

/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch), without bias.
 *
 * y[n, i, j, o] = sum over u, v, c of x[n, i s + u - p, j s + v - p, c] w[u, v, c, o]
 *
 * x [N, H, W, Cin], w [K, K, Cin, Cout] -> y [N, OH, OW, Cout], OH = floor((H + 2p - K) / s) + 1
 *
 * @throws ShapeError if the channels differ, the kernel is not square or no window fits
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export const conv2d = defineOp<[x: Node, w: Node], ConvAttrs>("conv2d", {
  infer: ([x, w], attrs) => {
    floats("conv2d", x, w);
    const [n, h, width, c] = nhwc("conv2d", x);
    const [kernel, cin, cout] = kernelShape("conv2d", w.shape);
    if (cin !== c) {
      throw new ShapeError("conv2d", {
        got: x.shape,
        want: `[N, H, W, ${cin}], since the weights take ${cin} input channels`,
        fix: "Give the input as many channels as the weights take.",
      });
    }
    return {
      shape: [n, windowCount("conv2d", h, kernel, attrs), windowCount("conv2d", width, kernel, attrs), cout],
      dtype: "f32",
    };
  },

  reference: ([x, w], attrs, shape) => {
    const [, height, width, cin] = nhwc("conv2d", x.shape);
    const [kernel, cout] = [w.shape[0]!, w.shape[3]!];
    const y = new Float64Array(sizeOf(shape));
    eachTap({ ...attrs, windows: shape, kernel, height, width }, (window, pixel, tap) => {
      for (let c = 0; c < cin; c++) {
        const value = x.data[pixel * cin + c]!;
        const row = (tap * cin + c) * cout;
        for (let o = 0; o < cout; o++) y[window * cout + o]! += value * w.data[row + o]!;
      }
    });
    return y;
  },

  gradient: ({ inputs: [x, w], attrs, dy }) => [
    () => conv2dInputGrad(dy, w, { ...attrs, height: x.type.shape[1]!, width: x.type.shape[2]! }),
    () => conv2dWeightGrad(x, dy, { ...attrs, kernel: w.type.shape[0]! }),
  ],

  convolution: ({ inputs: [, w], attrs }) => ({ ...attrs, role: "forward", kernel: w.type.shape[0]! }),
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
  infer: ([dy, w], attrs) => {
    const op = "conv2dInputGrad";
    floats(op, dy, w);
    const [kernel, cin, cout] = kernelShape(op, w.shape);
    const [n] = nhwc(op, dy);
    const { height, width } = attrs;
    const windows = [windowCount(op, height, kernel, attrs), windowCount(op, width, kernel, attrs)];
    exactShape(op, "the convolution's result", dy.shape, [n, ...windows, cout]);
    return { shape: [n, height, width, cin], dtype: "f32" };
  },

  reference: ([dy, w], attrs, shape) => {
    const [kernel, , cin, cout] = nhwc("conv2dInputGrad", w.shape);
    const dx = new Float64Array(sizeOf(shape));
    eachTap({ ...attrs, windows: dy.shape, kernel }, (window, pixel, tap) => {
      for (let c = 0; c < cin; c++) {
        const row = (tap * cin + c) * cout;
        let sum = 0;
        for (let o = 0; o < cout; o++) sum += dy.data[window * cout + o]! * w.data[row + o]!;
        dx[pixel * cin + c]! += sum;
      }
    });
    return dx;
  },

  convolution: ({ inputs: [, w], attrs }) => ({ ...attrs, role: "inputGradient", kernel: w.type.shape[0]! }),
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
    sumsImages: true,
    infer: ([x, dy], attrs) => {
      const op = "conv2dWeightGrad";
      floats(op, x, dy);
      const { kernel } = attrs;
      const [n, height, width, cin] = nhwc(op, x);
      const cout = nhwc(op, dy)[3];
      const windows = [windowCount(op, height, kernel, attrs), windowCount(op, width, kernel, attrs)];
      exactShape(op, "the convolution's result", dy.shape, [n, ...windows, cout]);
      return { shape: [kernel, kernel, cin, cout], dtype: "f32" };
    },

    reference: ([x, dy], attrs, shape) => {
      const [, height, width, cin] = nhwc("conv2dWeightGrad", x.shape);
      const cout = dy.shape[3]!;
      const dw = new Float64Array(sizeOf(shape));
      eachTap({ ...attrs, windows: dy.shape, height, width }, (window, pixel, tap) => {
        for (let c = 0; c < cin; c++) {
          const value = x.data[pixel * cin + c]!;
          const row = (tap * cin + c) * cout;
          for (let o = 0; o < cout; o++) dw[row + o]! += value * dy.data[window * cout + o]!;
        }
      });
      return dw;
    },

    convolution: ({ attrs }) => ({ ...attrs, role: "weightGradient" }),
    cost: ([, dy], _attrs, dw) => ({ flops: convFlops(dw.shape, dy.shape) }),
    linear: true,
  },
);

function kernelShape(op: string, shape: readonly number[]): [kernel: number, cin: number, cout: number] {
  const [height, width, cin, cout] = nhwc(op, shape);
  if (height !== width) {
    throw new ShapeError(op, { got: shape, want: "[K, K, Cin, Cout]", fix: "Use square kernels." });
  }
  return [height, cin, cout];
}

/** Two operations for each weight at each output pixel. */
function convFlops(w: readonly number[], y: readonly number[]): number {
  return 2 * sizeOf(w) * y[0]! * y[1]! * y[2]!;
}
