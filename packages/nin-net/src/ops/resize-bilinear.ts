import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import type { PixelsAttrs } from "./adaptive-avg-pool-2d.ts";
import { floats, nhwc, wholeNumber } from "./check.ts";

/**
 * Resizes by linear interpolation between pixel centres, edges continued (PyTorch's `interpolate` with
 * mode="bilinear", align_corners=False).
 *
 * x [N, H, W, C] -> y [N, height, width, C]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */
export const resizeBilinear = defineOp<[x: Node], PixelsAttrs>("resizeBilinear", {
  infer: ([x], { height, width }) => {
    const op = "resizeBilinear";
    floats(op, x);
    const [n, , , c] = nhwc(op, x);
    wholeNumber(op, "height", height, 1);
    wholeNumber(op, "width", width, 1);
    return { shape: [n, height, width, c], dtype: "f32" };
  },
  reference: ([x], _attrs, shape) => {
    const y = new Float64Array(sizeOf(shape));
    eachWeight(x.shape, shape, (from, to, weight) => {
      y[to]! += weight * x.data[from]!;
    });
    return y;
  },
  gradient: ({ inputs: [x], dy }) => [
    () => resizeBilinearGrad(dy, { height: x.type.shape[1]!, width: x.type.shape[2]! }),
  ],
  // Two interpolations along one axis and one along the other: a + f (b - a).
  cost: (_types, _attrs, y) => ({ flops: 9 * sizeOf(y.shape) }),
  enlargement: ([, h, w], [, height, width]) => {
    const scale = height! / h!;
    return Number.isInteger(scale) && scale * w! === width! ? scale : undefined;
  },
  linear: true,
});

/**
 * The gradient of {@link resizeBilinear}: each pixel's gradient goes to the four it was made of.
 *
 * dy [N, OH, OW, C] -> dx [N, height, width, C]
 */
export const resizeBilinearGrad = defineOp<[dy: Node], PixelsAttrs>("resizeBilinearGrad", {
  infer: ([dy], { height, width }) => {
    const op = "resizeBilinearGrad";
    floats(op, dy);
    const [n, , , c] = nhwc(op, dy);
    wholeNumber(op, "height", height, 1);
    wholeNumber(op, "width", width, 1);
    return { shape: [n, height, width, c], dtype: "f32" };
  },
  reference: ([dy], _attrs, shape) => {
    const dx = new Float64Array(sizeOf(shape));
    eachWeight(shape, dy.shape, (to, from, weight) => {
      dx[to]! += weight * dy.data[from]!;
    });
    return dx;
  },
  cost: ([dy]) => ({ flops: 8 * sizeOf(dy.shape) }),
  linear: true,
});

/** What one pixel of a resized axis is made of: (1 - fraction) x[low] + fraction x[high]. */
export interface Blend {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

/** The blends along one axis resized from `from` to `to` pixels: half-pixel centres, edges clamped. */
export function bilinearBlends(from: number, to: number): Blend[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, from - 1), fraction: at - low };
  });
}

/** Calls `visit` for every resized element and each of the four elements that it is made of. */
function eachWeight(
  source: readonly number[],
  resized: readonly number[],
  visit: (from: number, to: number, weight: number) => void,
): void {
  const [n, h, w, channels] = nhwc("resizeBilinear", source);
  const [, oh, ow] = nhwc("resizeBilinear", resized);
  const columns = bilinearBlends(w, ow).map(taps);
  for (let image = 0; image < n; image++) {
    bilinearBlends(h, oh).forEach((blend, i) => {
      for (const [row, rowWeight] of taps(blend)) {
        columns.forEach((columnTaps, j) => {
          for (const [column, columnWeight] of columnTaps) {
            for (let c = 0; c < channels; c++) {
              const from = ((image * h + row) * w + column) * channels + c;
              visit(from, ((image * oh + i) * ow + j) * channels + c, rowWeight * columnWeight);
            }
          }
        });
      }
    });
  }
}

function taps({ low, high, fraction }: Blend): [pixel: number, weight: number][] {
  return [
    [low, 1 - fraction],
    [high, fraction],
  ];
}
