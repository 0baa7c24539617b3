/**
 * Folds a bilinear enlargement into the convolution that follows it; the enlarged image is never made.
 *
 * Both are linear. Enlarged s times, pixel q lies at (q + 1/2) / s - 1/2 of the small image, between its pixels
 * floor(...) and the next: row q of the interpolation has two weights. A window of K enlarged pixels at stride t,
 * seen from the small image, is a window of T pixels with the weights A^T w A; A [K, T] holds the interpolation's
 * rows. It depends only on the output pixel's phase a modulo F = s / gcd(s, t), and F output pixels further the
 * window has moved by S = t / gcd(s, t) small pixels. Beyond the edges the interpolation repeats the edge, so the
 * small image is padded so. From 28 to 224 pixels and for K = 11, t = 4: F = 2, S = 1, T = 3, 9 taps instead of 121.
 *
 * The gradient with respect to the weights goes back through the same matrices: dw = A dw' A^T, added over phases.
 */
import type { Graph, Node } from "../graph/node.ts";
import type { Convolution } from "../graph/op.ts";
import { rewriteGraph } from "../graph/rewrite.ts";
import { mixTaps } from "../ops/mix-taps.ts";
import { padEdge } from "../ops/pad-edge.ts";
import {
  type PolyphaseConvAttrs,
  polyphaseConv2d,
  polyphaseConv2dWeightGrad,
} from "../ops/polyphase-conv2d.ts";

export function foldResize(graph: Graph): Graph {
  const padded = new Map<Node, Node>();
  return rewriteGraph(graph, (node) => {
    const convolution = node.op.convolution?.(node as never);
    if (convolution === undefined || convolution.role === "inputGradient") return node;
    const [large, other] = node.inputs as [Node, Node];
    if (large.kind !== "op" || !large.op.enlargement) return node;
    const small = large.inputs[0]!;
    const windows = convolution.role === "forward" ? node : other;
    const scale = large.op.enlargement(small.type.shape, large.type.shape);
    const fold = scale && foldInto(convolution, scale, small.type.shape, windows.type.shape);
    if (!fold) return node;

    const { attrs, matrix } = fold;
    const x = padded.get(small) ?? padEdge(small, fold.padding);
    padded.set(small, x);
    if (convolution.role === "forward") {
      const rows = attrs.offsets.length ** 2 * attrs.kernel;
      return polyphaseConv2d(x, mixTaps(other, { matrix, rows, columns: attrs.kernel }), attrs);
    }
    const { kernel } = convolution;
    const back = { matrix: transposed(matrix, kernel ** 2), rows: kernel, columns: kernel };
    return mixTaps(polyphaseConv2dWeightGrad(x, other, attrs), back);
  });
}

interface Fold {
  readonly padding: { readonly before: number; readonly after: number };
  readonly attrs: PolyphaseConvAttrs;
  /** [F F T T, K K]: the taps of each phase from the convolution's. */
  readonly matrix: Float64Array;
}

/** How to fold an enlargement; undefined where that would not save work. */
function foldInto(
  { kernel, stride, padding }: Convolution,
  scale: number,
  small: readonly number[],
  windows: readonly number[],
): Fold | undefined {
  const [, smallHeight, smallWidth] = small as [number, number, number];
  const [, height, width] = windows as [number, number, number];
  if (padding !== 0) return undefined;
  const common = greatestCommonDivisor(scale, stride);
  const period = scale / common;
  const step = stride / common;
  const position = (phase: number, tap: number) => (phase * stride + tap + 0.5) / scale - 0.5;
  const phases = Array.from({ length: period }, (_, phase) => phase);
  const lowest = phases.map((phase) => Math.floor(position(phase, 0)));
  const taps = Math.max(
    ...phases.map((phase) => Math.floor(position(phase, kernel - 1)) + 2 - lowest[phase]!),
  );
  if (taps >= kernel) return undefined;

  const before = Math.max(0, -Math.min(...lowest));
  const offsets = lowest.map((at) => at + before);
  const end = (length: number) =>
    Math.max(
      ...Array.from({ length }, (_, i) => step * Math.floor(i / period) + offsets[i % period]! + taps),
    );
  const after = Math.max(0, end(height) - before - smallHeight, end(width) - before - smallWidth);

  const weight = (phase: number, tap: number, at: number) =>
    Math.max(0, 1 - Math.abs(position(phase, tap) - lowest[phase]! - at));
  const matrix = new Float64Array(period ** 2 * taps ** 2 * kernel ** 2);
  let next = 0;
  for (const a of phases) {
    for (const b of phases) {
      for (let uv = 0; uv < taps ** 2; uv++) {
        for (let ij = 0; ij < kernel ** 2; ij++) {
          const vertical = weight(a, Math.floor(ij / kernel), Math.floor(uv / taps));
          matrix[next++] = vertical * weight(b, ij % kernel, uv % taps);
        }
      }
    }
  }
  return {
    padding: { before, after },
    attrs: { offsets, stride: step, kernel: taps, height, width },
    matrix,
  };
}

/** Of a matrix with so many columns. */
function transposed(matrix: Float64Array, columns: number): Float64Array {
  const rows = matrix.length / columns;
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
