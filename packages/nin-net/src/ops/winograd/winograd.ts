import { ShapeError } from "../../core/errors.ts";
import { type Node, sizeOf } from "../../graph/node.ts";
import { defineOp } from "../../graph/op.ts";
import { nhwc } from "../check.ts";
import { largestTile, type Matrix, sandwich, transpose, winogradMatrices } from "./matrices.ts";

/** Sizes of a Winograd convolution of stride 1. */
export interface WinogradAttrs {
  /** m: output pixels of a tile, along each axis. */
  readonly tile: number;
  /** r: the kernel's size. */
  readonly kernel: number;
  /** Zeros added on each side. */
  readonly padding: number;
}

/**
 * Weights as Winograd's products need them: G w G^T.
 *
 * w [r, r, Cin, Cout] -> u [n, n, Cin, Cout], n = tile + r - 1
 */
export const winogradWeights = defineOp<[w: Node], { readonly tile: number }>("winogradWeights", {
  infer: ([w], { tile }) => {
    const [kernel, , cin, cout] = nhwc("winogradWeights", w);
    const size = tileSize("winogradWeights", tile, kernel);
    return { shape: [size, size, cin, cout], dtype: "f32" };
  },
  reference: ([w], { tile }) => {
    const { weights } = winogradMatrices(tile, w.shape[0]!);
    return eachPair(w.data, w.shape, weights);
  },
  linear: true,
});

/**
 * The gradient of {@link winogradWeights}: G^T du G.
 *
 * du [n, n, Cin, Cout] -> dw [r, r, Cin, Cout], r = n - tile + 1
 */
export const winogradWeightsGrad = defineOp<[du: Node], { readonly tile: number }>("winogradWeightsGrad", {
  infer: ([du], { tile }) => {
    const [size, , cin, cout] = nhwc("winogradWeightsGrad", du);
    return { shape: [size - tile + 1, size - tile + 1, cin, cout], dtype: "f32" };
  },
  reference: ([du], { tile }) => {
    const { weights } = winogradMatrices(tile, du.shape[0]! - tile + 1);
    return eachPair(du.data, du.shape, transpose(weights));
  },
  linear: true,
});

/**
 * A convolution of stride 1 over transformed weights: each tile of the output is A^T [sum over c of (B^T d B) * u] A,
 * d being the n x n pixels that it depends on. Equal to conv2d in exact arithmetic.
 *
 * x [N, H, W, Cin], u [n, n, Cin, Cout] -> y [N, OH, OW, Cout], OH = H + 2 padding - kernel + 1; both numbers of
 * channels are multiples of 4
 */
export const winogradConv2d = defineOp<[x: Node, u: Node], WinogradAttrs>("winogradConv2d", {
  infer: ([x, u], { tile, kernel, padding }) => {
    const [n, h, w, cin] = nhwc("winogradConv2d", x);
    tileSize("winogradConv2d", tile, kernel);
    const cout = u.shape[3]!;
    wholeVectors("winogradConv2d", cin);
    wholeVectors("winogradConv2d", cout);
    return { shape: [n, h + 2 * padding - kernel + 1, w + 2 * padding - kernel + 1, cout], dtype: "f32" };
  },
  reference: ([x, u], attrs, shape) => {
    const { size, inputs, outputs } = winogradMatrices(attrs.tile, attrs.kernel);
    const [, , cin, cout] = nhwc("winogradConv2d", u.shape);
    const y = new Float64Array(sizeOf(shape));
    eachTile(shape, attrs.tile, (image, top, left) => {
      const transformed = Array.from({ length: cin }, (_, c) =>
        sandwich(inputs, tileAt(x, image, top - attrs.padding, left - attrs.padding, c, size)),
      );
      for (let o = 0; o < cout; o++) {
        const products = new Float64Array(size * size);
        for (let at = 0; at < size * size; at++) {
          for (let c = 0; c < cin; c++)
            products[at]! += transformed[c]![at]! * u.data[(at * cin + c) * cout + o]!;
        }
        putTile(y, shape, image, top, left, o, attrs.tile, sandwich(outputs, products));
      }
    });
    return y;
  },
  // What the convolution would cost; profiles compare ways of computing the same thing.
  cost: ([x], { kernel }, y) => ({ flops: 2 * sizeOf(y.shape) * kernel * kernel * x.shape[3]! }),
  acceptsEpilogue: true,
});

/**
 * The gradient of {@link winogradConv2d} with respect to its weights: a sum over all tiles of (B^T d B) * (A dY A^T).
 *
 * x [N, H, W, Cin], dy [N, OH, OW, Cout] -> du [n, n, Cin, Cout]
 */
export const winogradConv2dWeightGrad = defineOp<[x: Node, dy: Node], WinogradAttrs>(
  "winogradConv2dWeightGrad",
  {
    sumsImages: true,
    infer: ([x, dy], { tile, kernel }) => {
      const size = tileSize("winogradConv2dWeightGrad", tile, kernel);
      const cin = nhwc("winogradConv2dWeightGrad", x)[3];
      const cout = nhwc("winogradConv2dWeightGrad", dy)[3];
      wholeVectors("winogradConv2dWeightGrad", cin);
      wholeVectors("winogradConv2dWeightGrad", cout);
      return { shape: [size, size, cin, cout], dtype: "f32" };
    },
    reference: ([x, dy], attrs, shape) => {
      const { size, inputs, outputs } = winogradMatrices(attrs.tile, attrs.kernel);
      const [, , cin, cout] = nhwc("winogradConv2dWeightGrad", shape);
      const spread = transpose(outputs);
      const du = new Float64Array(sizeOf(shape));
      eachTile(dy.shape, attrs.tile, (image, top, left) => {
        const gradients = Array.from({ length: cout }, (_, o) =>
          sandwich(spread, tileAt(dy, image, top, left, o, attrs.tile)),
        );
        for (let c = 0; c < cin; c++) {
          const d = sandwich(inputs, tileAt(x, image, top - attrs.padding, left - attrs.padding, c, size));
          for (let at = 0; at < size * size; at++) {
            for (let o = 0; o < cout; o++) du[(at * cin + c) * cout + o]! += d[at]! * gradients[o]![at]!;
          }
        }
      });
      return du;
    },
    cost: ([x, dy], { kernel }) => ({ flops: 2 * sizeOf(dy.shape) * kernel * kernel * x.shape[3]! }),
  },
);

/**
 * The weights of the convolution that gives the gradient with respect to the input: taps in reverse order, input and
 * output channels swapped.
 *
 * w [K, K, Cin, Cout] -> [K, K, Cout, Cin]
 */
export const flipWeights = defineOp<[w: Node]>("flipWeights", {
  infer: ([w]) => {
    const [kernel, width, cin, cout] = nhwc("flipWeights", w);
    return { shape: [kernel, width, cout, cin], dtype: "f32" };
  },
  reference: ([w], _attrs, shape) => {
    const [kernel, width, cout, cin] = nhwc("flipWeights", shape);
    const taps = kernel * width;
    return Float64Array.from({ length: w.data.length }, (_, i) => {
      const tap = Math.floor(i / (cin * cout));
      const o = Math.floor(i / cin) % cout;
      return w.data[((taps - 1 - tap) * cin + (i % cin)) * cout + o]!;
    });
  },
  cost: () => ({ flops: 0 }),
  linear: true,
});

function tileSize(op: string, tile: number, kernel: number): number {
  const size = tile + kernel - 1;
  if (tile < 1 || size > largestTile) {
    throw new ShapeError(op, {
      got: `tiles of ${tile} for a kernel of ${kernel}`,
      want: `tile + kernel - 1 of at most ${largestTile}`,
      fix: "Use smaller tiles, or the plain convolution.",
    });
  }
  return size;
}

function wholeVectors(op: string, channels: number): void {
  if (channels % 4 === 0) return;
  throw new ShapeError(op, {
    got: `${channels} channels`,
    want: "a multiple of 4",
    fix: "Use the plain convolution.",
  });
}

/** Applies M g M^T to the taps of every pair of channels. */
function eachPair(data: Float64Array, shape: readonly number[], matrix: Matrix): Float64Array {
  const [length, , cin, cout] = nhwc("winogradWeights", shape);
  const pairs = cin * cout;
  const result = new Float64Array(matrix.length ** 2 * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    const block = Float64Array.from({ length: length * length }, (_, tap) => data[tap * pairs + pair]!);
    for (const [at, value] of sandwich(matrix, block).entries()) result[at * pairs + pair] = value;
  }
  return result;
}

function eachTile(
  shape: readonly number[],
  tile: number,
  visit: (image: number, top: number, left: number) => void,
): void {
  const [n, height, width] = shape as [number, number, number];
  for (let image = 0; image < n; image++) {
    for (let top = 0; top < height; top += tile) {
      for (let left = 0; left < width; left += tile) visit(image, top, left);
    }
  }
}

/** The pixels of one channel in a square of the image, zero outside. */
function tileAt(
  x: { readonly shape: readonly number[]; readonly data: Float64Array },
  image: number,
  top: number,
  left: number,
  channel: number,
  size: number,
): Float64Array {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  return Float64Array.from({ length: size * size }, (_, at) => {
    const row = top + Math.floor(at / size);
    const column = left + (at % size);
    if (row < 0 || row >= height || column < 0 || column >= width) return 0;
    return x.data[((image * height + row) * width + column) * channels + channel]!;
  });
}

function putTile(
  y: Float64Array,
  shape: readonly number[],
  image: number,
  top: number,
  left: number,
  channel: number,
  size: number,
  values: Float64Array,
): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  for (const [at, value] of values.entries()) {
    const row = top + Math.floor(at / size);
    const column = left + (at % size);
    if (row < height && column < width)
      y[((image * height + row) * width + column) * channels + channel] = value;
  }
}
