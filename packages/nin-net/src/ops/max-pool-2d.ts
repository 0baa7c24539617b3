import { ShapeError } from "../core/errors.ts";
import { type Node, sizeOf, type TensorType } from "../graph/node.ts";
import { defineOp, type ReferenceTensor } from "../graph/op.ts";
import { dtype, exactShape, floats, nhwc } from "./check.ts";
import { eachTap, type PoolAttrs, pooledShape } from "./window.ts";

/**
 * The largest value in each window, channel by channel.
 *
 * x [N, H, W, C] -> y [N, OH, OW, C], OH = floor((H + 2p - K) / s) + 1; K at most 16: a position fits into a byte
 *
 * @throws ShapeError if no window fits, or if the padding is more than half the kernel
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export const maxPool2d = defineOp<[x: Node], PoolAttrs>("maxPool2d", {
  infer: ([x], attrs) => ({ shape: maximaShape("maxPool2d", x, attrs), dtype: "f32" }),
  reference: ([x], attrs, shape) => findMaxima(x, attrs, shape).values,
  gradient: ({ inputs: [x], attrs, dy }) => [
    () => {
      const [, height, width] = nhwc("maxPool2d", x.type);
      return maxPool2dGrad(dy, maxPool2dIndex(x, attrs), { ...attrs, height, width });
    },
  ],
  cost: (_types, { kernel }, y) => ({ flops: kernel ** 2 * sizeOf(y.shape) }),
});

/**
 * Where in its window each maximum stands, row by row: u K + v, as a byte. The first of equal values wins, as in
 * PyTorch; a NaN counts as larger than every number.
 *
 * x [N, H, W, C] -> index [N, OH, OW, C]
 */
export const maxPool2dIndex = defineOp<[x: Node], PoolAttrs>("maxPool2dIndex", {
  infer: ([x], attrs) => ({ shape: maximaShape("maxPool2dIndex", x, attrs), dtype: "u8" }),
  reference: ([x], attrs, shape) => findMaxima(x, attrs, shape).taps,
  cost: (_types, { kernel }, y) => ({ flops: kernel ** 2 * sizeOf(y.shape) }),
});

/**
 * The gradient of {@link maxPool2d}: each window's gradient goes to its maximum, and overlapping windows add up.
 *
 * dy [N, OH, OW, C], index [N, OH, OW, C] -> dx [N, height, width, C]
 */
export const maxPool2dGrad = defineOp<
  [dy: Node, index: Node],
  PoolAttrs & { readonly height: number; readonly width: number }
>("maxPool2dGrad", {
  infer: ([dy, index], attrs) => {
    const op = "maxPool2dGrad";
    floats(op, dy);
    dtype(op, index, "u8");
    exactShape(op, "the output gradient", index.shape, dy.shape);
    const [n, , , c] = nhwc(op, dy);
    const shape = [n, attrs.height, attrs.width, c];
    exactShape(op, "the pooled maps", dy.shape, maximaShape(op, { shape, dtype: "f32" }, attrs));
    return { shape, dtype: "f32" };
  },
  reference: ([dy, index], attrs, shape) => {
    const channels = shape[3]!;
    const dx = new Float64Array(sizeOf(shape));
    eachTap({ ...attrs, windows: dy.shape }, (window, pixel, tap) => {
      for (let c = 0; c < channels; c++) {
        const from = window * channels + c;
        if (index.data[from] === tap) dx[pixel * channels + c]! += dy.data[from]!;
      }
    });
    return dx;
  },
  cost: ([dy]) => ({ flops: sizeOf(dy.shape) }),
  acceptsEpilogue: true,
  linear: true,
});

function maximaShape(op: string, x: TensorType, attrs: PoolAttrs): number[] {
  if (attrs.kernel > 16) {
    throw new ShapeError(op, {
      got: `kernel ${attrs.kernel}`,
      want: "1 to 16",
      fix: "Pool twice with smaller kernels.",
    });
  }
  return pooledShape(op, x, attrs);
}

function findMaxima(
  x: ReferenceTensor,
  attrs: PoolAttrs,
  shape: readonly number[],
): { readonly values: Float64Array; readonly taps: Float64Array } {
  const [, height, width, channels] = nhwc("maxPool2d", x.shape);
  const values = new Float64Array(sizeOf(shape));
  const taps = new Float64Array(sizeOf(shape)).fill(-1);
  eachTap({ ...attrs, windows: shape, height, width }, (window, pixel, tap) => {
    for (let c = 0; c < channels; c++) {
      const to = window * channels + c;
      const value = x.data[pixel * channels + c]!;
      if (taps[to] === -1 || value > values[to]! || (Number.isNaN(value) && !Number.isNaN(values[to]))) {
        values[to] = value;
        taps[to] = tap;
      }
    }
  });
  return { values, taps };
}
