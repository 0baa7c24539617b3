import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { exactShape, floats, nhwc } from "./check.ts";

/** A convolution whose kernel depends on the output pixel's place in a small period. */
export interface PolyphaseConvAttrs {
  /** Where the window of output pixel a, 0 <= a < F, starts in the input, along each axis; F is the period. */
  readonly offsets: readonly number[];
  /** Pixels between windows F output pixels apart. */
  readonly stride: number;
  /** T: the kernel's size. */
  readonly kernel: number;
  /** Size of the output. */
  readonly height: number;
  readonly width: number;
}

/**
 * A convolution with one kernel for each phase (a, b) of the output pixel:
 *
 * y[n, F k + a, F l + b, o] = sum over u, v, c of x[n, S k + offset a + u, S l + offset b + v, c] w[a, b, u, v, c, o]
 *
 * x [N, H, W, Cin], w [F F T, T, Cin, Cout] (phases row by row, then taps) -> y [N, height, width, Cout]
 */
export const polyphaseConv2d = defineOp<[x: Node, w: Node], PolyphaseConvAttrs>("polyphaseConv2d", {
  infer: ([x, w], { offsets, kernel, height, width }) => {
    floats("polyphaseConv2d", x, w);
    const [n, , , cin] = nhwc("polyphaseConv2d", x);
    const cout = nhwc("polyphaseConv2d", w)[3];
    exactShape("polyphaseConv2d", "the kernels", w.shape, [offsets.length ** 2 * kernel, kernel, cin, cout]);
    return { shape: [n, height, width, cout], dtype: "f32" };
  },
  reference: ([x, w], attrs, shape) => {
    const [, h, width, cin] = nhwc("polyphaseConv2d", x.shape);
    const cout = shape[3]!;
    const y = new Float64Array(sizeOf(shape));
    eachPolyphaseTap(shape, attrs, h, width, (output, pixel, tap) => {
      for (let c = 0; c < cin; c++) {
        for (let o = 0; o < cout; o++) {
          y[output * cout + o]! += x.data[pixel * cin + c]! * w.data[(tap * cin + c) * cout + o]!;
        }
      }
    });
    return y;
  },
  cost: ([x], { kernel }, y) => ({ flops: 2 * sizeOf(y.shape) * kernel ** 2 * x.shape[3]! }),
  acceptsEpilogue: true,
  linear: true,
});

/**
 * The gradient of {@link polyphaseConv2d} with respect to its weights.
 *
 * x [N, H, W, Cin], dy [N, height, width, Cout] -> dw [F F T, T, Cin, Cout]
 */
export const polyphaseConv2dWeightGrad = defineOp<[x: Node, dy: Node], PolyphaseConvAttrs>(
  "polyphaseConv2dWeightGrad",
  {
    sumsImages: true,
    infer: ([x, dy], { offsets, kernel, height, width }) => {
      const op = "polyphaseConv2dWeightGrad";
      floats(op, x, dy);
      const [n, , , cin] = nhwc(op, x);
      const cout = nhwc(op, dy)[3];
      exactShape(op, "the convolution's result", dy.shape, [n, height, width, cout]);
      return { shape: [offsets.length ** 2 * kernel, kernel, cin, cout], dtype: "f32" };
    },
    reference: ([x, dy], attrs, shape) => {
      const [, h, width, cin] = nhwc("polyphaseConv2dWeightGrad", x.shape);
      const cout = shape[3]!;
      const dw = new Float64Array(sizeOf(shape));
      eachPolyphaseTap(dy.shape, attrs, h, width, (output, pixel, tap) => {
        for (let c = 0; c < cin; c++) {
          for (let o = 0; o < cout; o++) {
            dw[(tap * cin + c) * cout + o]! += x.data[pixel * cin + c]! * dy.data[output * cout + o]!;
          }
        }
      });
      return dw;
    },
    cost: ([x, dy], { kernel }) => ({ flops: 2 * sizeOf(dy.shape) * kernel ** 2 * x.shape[3]! }),
    linear: true,
  },
);

/** Calls `visit` for every output pixel and every tap of its kernel; pixels count over all images. */
function eachPolyphaseTap(
  [n, oh, ow]: readonly number[],
  { offsets, stride, kernel }: PolyphaseConvAttrs,
  height: number,
  width: number,
  visit: (output: number, pixel: number, tap: number) => void,
): void {
  const period = offsets.length;
  const start = (at: number) => stride * Math.floor(at / period) + offsets[at % period]!;
  for (let output = 0; output < n! * oh! * ow!; output++) {
    const row = Math.floor(output / ow!) % oh!;
    const column = output % ow!;
    const image = Math.floor(output / (oh! * ow!));
    const phase = (row % period) * period + (column % period);
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const i = start(row) + Math.floor(tap / kernel);
      const j = start(column) + (tap % kernel);
      visit(output, (image * height + i) * width + j, phase * kernel * kernel + tap);
    }
  }
}
