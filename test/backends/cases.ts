/** What the conformance suite runs: every op over many shapes, odd sizes on purpose. */

import { gradients } from "#nin-net/graph/autodiff.js";
import { type DType, input, type Node, sliceStart, state } from "#nin-net/graph/node.js";
import type { AvgPoolAttrs } from "#nin-net/ops/avg-pool-2d.js";
import { type OpName, ops } from "#nin-net/ops/ops.js";
import { Expression, instructionsOf } from "#nin-net/ops/pointwise/expression.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import type { PolyphaseConvAttrs } from "#nin-net/ops/polyphase-conv2d.js";
import type { PoolAttrs } from "#nin-net/ops/window.js";
import { winogradTiles } from "#nin-net/ops/winograd/matrices.js";
import type { WinogradAttrs } from "#nin-net/ops/winograd/winograd.js";

export interface Case {
  readonly title: string;
  /** Images in the batch. */
  readonly images: number;
  /** The results for a slice of some images. */
  readonly build: (images: number) => Readonly<Record<string, Node>>;
  /** Labels are below this number. */
  readonly classes?: number;
  /** The results are the same to the bit: nothing is rounded more than once. */
  readonly exact?: true;
}

/** A slice-phase input; the leading axis counts images. */
const perImage = (name: string, shape: readonly number[], dtype: DType = "f32") =>
  input(name, shape, dtype, "slice");

const labels = (images: number) => perImage("labels", [images], "u8");
const key = input("key", [3], "u32", "step");
const factor = input("factor", [1], "f32", "step");
const sevenFactors = state("factors", [7]);

/** Of four inputs: all of an expression's ways to lay an input over its result. */
const scaledProduct = {
  name: "scaledProduct",
  instructions: instructionsOf(
    Expression.input(0).sub(Expression.input(2)).mul(Expression.input(1)).mul(Expression.input(3)),
  ),
};

/** Channel counts around the vector widths 4, 8 and 16. */
const channelCounts = [1, 3, 4, 7, 8, 10, 16, 17, 33];

interface Convolution {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly cin: number;
  readonly cout: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

const convolutions: readonly Convolution[] = [
  { n: 1, h: 1, w: 1, cin: 1, cout: 1, kernel: 1, stride: 1, padding: 0 },
  { n: 3, h: 5, w: 7, cin: 3, cout: 5, kernel: 1, stride: 1, padding: 0 },
  { n: 2, h: 13, w: 11, cin: 16, cout: 24, kernel: 1, stride: 1, padding: 0 },
  { n: 7, h: 3, w: 3, cin: 33, cout: 17, kernel: 1, stride: 1, padding: 0 },
  // So many pixels that a weight gradient is summed in parts.
  { n: 2, h: 61, w: 57, cin: 5, cout: 9, kernel: 1, stride: 1, padding: 0 },
  // Rows a multiple of 512 bytes apart, which weight gradients pack.
  { n: 2, h: 5, w: 3, cin: 128, cout: 129, kernel: 1, stride: 1, padding: 0 },
  { n: 2, h: 5, w: 3, cin: 13, cout: 256, kernel: 3, stride: 1, padding: 1 },
  // Weights of more than a mebibyte by a few pixels, as Linear layers have them.
  { n: 5, h: 1, w: 1, cin: 522, cout: 510, kernel: 1, stride: 1, padding: 0 },
  { n: 2, h: 6, w: 5, cin: 4, cout: 8, kernel: 1, stride: 2, padding: 0 },
  { n: 1, h: 4, w: 4, cin: 2, cout: 3, kernel: 1, stride: 1, padding: 1 },
  { n: 1, h: 3, w: 3, cin: 1, cout: 4, kernel: 3, stride: 1, padding: 0 },
  { n: 2, h: 7, w: 6, cin: 5, cout: 10, kernel: 3, stride: 1, padding: 1 },
  { n: 5, h: 5, w: 5, cin: 8, cout: 16, kernel: 3, stride: 1, padding: 1 },
  { n: 3, h: 9, w: 8, cin: 3, cout: 7, kernel: 3, stride: 2, padding: 1 },
  { n: 1, h: 12, w: 12, cin: 17, cout: 33, kernel: 3, stride: 1, padding: 1 },
  { n: 2, h: 8, w: 11, cin: 2, cout: 4, kernel: 3, stride: 3, padding: 2 },
  { n: 2, h: 6, w: 6, cin: 6, cout: 12, kernel: 5, stride: 1, padding: 2 },
  { n: 1, h: 13, w: 10, cin: 9, cout: 16, kernel: 5, stride: 1, padding: 2 },
  { n: 2, h: 9, w: 9, cin: 1, cout: 6, kernel: 5, stride: 2, padding: 0 },
  { n: 2, h: 23, w: 27, cin: 1, cout: 8, kernel: 11, stride: 4, padding: 0 },
  { n: 1, h: 31, w: 31, cin: 3, cout: 9, kernel: 11, stride: 4, padding: 2 },
  { n: 2, h: 8, w: 8, cin: 2, cout: 3, kernel: 2, stride: 2, padding: 0 },
  // Pixels at the far edge that no window reaches, and windows that skip pixels.
  { n: 2, h: 10, w: 9, cin: 3, cout: 4, kernel: 2, stride: 4, padding: 0 },
];

function convolution(of: Convolution, images: number) {
  const { h, w, cin, cout, kernel, stride, padding } = of;
  const x = perImage("x", [images, h, w, cin]);
  const weight = state("weight", [kernel, kernel, cin, cout]);
  const y = ops.conv2d(x, weight, { stride, padding });
  const dy = perImage("dy", y.type.shape);
  return { x, weight, dy, y, attrs: { stride, padding } };
}

function convolutionCases(
  results: (made: ReturnType<typeof convolution>, of: Convolution) => Readonly<Record<string, Node>>,
): Case[] {
  return convolutions.map((of) => ({
    title: `${of.kernel}x${of.kernel}/${of.stride} padding ${of.padding} on [${of.n}, ${of.h}, ${of.w}, ${of.cin}] -> ${of.cout}`,
    images: of.n,
    build: (images) => results(convolution(of, images), of),
  }));
}

/** Winograd convolutions: whole and cut tiles, several images a task and several tasks. */
const winogradConvolutions = [
  { n: 1, h: 6, w: 6, cin: 4, cout: 4, kernel: 3, padding: 1 },
  { n: 3, h: 12, w: 12, cin: 8, cout: 20, kernel: 3, padding: 1 },
  { n: 7, h: 5, w: 9, cin: 12, cout: 8, kernel: 3, padding: 0 },
  { n: 2, h: 7, w: 6, cin: 4, cout: 36, kernel: 3, padding: 2 },
  { n: 1, h: 8, w: 8, cin: 8, cout: 4, kernel: 5, padding: 2 },
  { n: 2, h: 26, w: 25, cin: 4, cout: 12, kernel: 5, padding: 2 },
  { n: 3, h: 9, w: 6, cin: 20, cout: 16, kernel: 5, padding: 4 },
] as const;

const usualTiles = [
  [4, 5],
  [4, 3],
] as const;

/** @param tiles - outputs a tile and taps of the kernel */
function winogradCases(
  result: (made: { x: Node; w: Node; u: Node; du: Node; dy: Node }, attrs: WinogradAttrs) => Node,
  tiles: readonly (readonly [tile: number, taps: number])[] = winogradTiles,
): Case[] {
  return tiles.flatMap(([tile, taps]) =>
    winogradConvolutions
      .filter(({ kernel, n }) => kernel === taps && (tile === 4 || n > 2))
      .map(({ n, h, w, cin, cout, kernel, padding }) => ({
        title: `tiles of ${tile}, ${kernel}x${kernel} padding ${padding} on [${n}, ${h}, ${w}, ${cin}] -> ${cout}`,
        images: n,
        build: (images: number) => {
          const size = tile + kernel - 1;
          const made = {
            x: perImage("x", [images, h, w, cin]),
            dy: perImage("dy", [images, h + 2 * padding - kernel + 1, w + 2 * padding - kernel + 1, cout]),
            w: state("w", [kernel, kernel, cin, cout]),
            u: state("u", [size, size, cin, cout]),
            du: state("du", [size, size, cin, cout]),
          };
          return { y: result(made, { tile, kernel, padding }) };
        },
      })),
  );
}

/** Convolutions with a kernel for each phase: [images, height, width, cin, cout, kernel, stride, offsets, out size]. */
const polyphaseConvolutions = [
  { n: 1, size: 4, cin: 1, cout: 5, kernel: 2, stride: 1, offsets: [0], out: 3 },
  { n: 3, size: 9, cin: 1, cout: 16, kernel: 3, stride: 1, offsets: [0, 1], out: 12 },
  { n: 2, size: 30, cin: 1, cout: 24, kernel: 3, stride: 1, offsets: [0, 1], out: 54 },
  { n: 2, size: 13, cin: 3, cout: 10, kernel: 4, stride: 4, offsets: [0, 1, 2], out: 7 },
] as const;

function polyphaseCases(
  results: (
    made: { x: Node; w: Node; dy: Node },
    attrs: PolyphaseConvAttrs,
  ) => Readonly<Record<string, Node>>,
): Case[] {
  return polyphaseConvolutions.map(({ n, size, cin, cout, kernel, stride, offsets, out }) => ({
    title: `${offsets.length} phases of ${kernel}x${kernel}/${stride} on [${n}, ${size}, ${size}, ${cin}] -> ${cout}`,
    images: n,
    build: (images) => {
      const x = perImage("x", [images, size, size, cin]);
      const w = state("w", [offsets.length ** 2 * kernel, kernel, cin, cout]);
      const dy = perImage("dy", [images, out, out, cout]);
      return results({ x, w, dy }, { offsets, stride, kernel, height: out, width: out });
    },
  }));
}

const pools: readonly (PoolAttrs & { n: number; h: number; w: number; c: number })[] = [
  { n: 1, h: 1, w: 1, c: 1, kernel: 1, stride: 1, padding: 0 },
  { n: 2, h: 7, w: 6, c: 5, kernel: 3, stride: 2, padding: 0 },
  { n: 3, h: 12, w: 12, c: 16, kernel: 3, stride: 2, padding: 0 },
  { n: 2, h: 6, w: 9, c: 8, kernel: 2, stride: 2, padding: 0 },
  { n: 1, h: 8, w: 8, c: 33, kernel: 3, stride: 1, padding: 1 },
  { n: 2, h: 5, w: 5, c: 3, kernel: 5, stride: 3, padding: 2 },
  { n: 1, h: 9, w: 7, c: 4, kernel: 2, stride: 3, padding: 1 },
  { n: 1, h: 17, w: 16, c: 7, kernel: 16, stride: 1, padding: 0 },
  { n: 1, h: 17, w: 16, c: 16, kernel: 16, stride: 1, padding: 0 },
  { n: 2, h: 6, w: 5, c: 6, kernel: 3, stride: 2, padding: 0, ceilMode: true },
  { n: 1, h: 7, w: 6, c: 20, kernel: 4, stride: 3, padding: 2, ceilMode: true },
  { n: 2, h: 2, w: 4, c: 3, kernel: 1, stride: 2, padding: 0, ceilMode: true },
];

function poolCases(
  results: (x: Node, attrs: PoolAttrs, size: { height: number; width: number }) => Node,
): Case[] {
  return pools.map(({ n, h, w, c, ...attrs }) => ({
    title: `${attrs.kernel}x${attrs.kernel}/${attrs.stride} padding ${attrs.padding}${attrs.ceilMode ? " rounded up" : ""} on [${n}, ${h}, ${w}, ${c}]`,
    images: n,
    build: (images) => ({ y: results(perImage("x", [images, h, w, c]), attrs, { height: h, width: w }) }),
  }));
}

/** Averages over the same windows, with and without the zeros of the padding. */
function averageCases(
  results: (x: Node, attrs: AvgPoolAttrs, size: { height: number; width: number }) => Node,
): Case[] {
  return [true, false].flatMap((countIncludePad) =>
    poolCases((x, attrs, size) => results(x, { ...attrs, countIncludePad }, size)),
  );
}

/** Maps of one size to another: [images, height, width, channels, new height, new width]. */
const sizes = [
  [1, 1, 1, 1, 1, 1],
  [2, 5, 5, 10, 1, 1],
  [3, 7, 4, 3, 3, 2],
  [1, 6, 6, 16, 2, 3],
  [2, 2, 3, 5, 5, 4],
  [2, 28, 28, 1, 56, 56],
  [1, 9, 11, 4, 4, 30],
] as const;

function sizeCases(result: (x: Node, attrs: { height: number; width: number }) => Node): Case[] {
  return sizes.map(([n, h, w, c, height, width]) => ({
    title: `[${n}, ${h}, ${w}, ${c}] to ${height}x${width}`,
    images: n,
    build: (images) => ({ y: result(perImage("x", [images, h, w, c]), { height, width }) }),
  }));
}

/** Shapes for ops that work element by element, images first. */
const shapes: readonly (readonly number[])[] = [
  [1, 1],
  [5, 3],
  [7],
  [2, 3, 5, 7],
  ...channelCounts.map((c) => [3, 2, 3, c]),
];

function shapeCases(
  result: (x: Node, other: Node) => Node,
  options: Pick<Case, "exact"> = { exact: true },
  dtype: DType = "f32",
): Case[] {
  return shapes.map((shape) => ({
    title: `[${shape.join(", ")}]`,
    images: shape[0]!,
    build: (images) => {
      const own = [images, ...shape.slice(1)];
      return { y: result(perImage("x", own, dtype), perImage("other", own)) };
    },
    ...options,
  }));
}

/** An op on feature maps and one number a channel. */
function channelCases(result: (x: Node, numbers: Node) => Node): Case[] {
  return shapes
    .filter((shape) => shape.length > 1)
    .map((shape) => ({
      title: `[${shape.join(", ")}]`,
      images: shape[0]!,
      build: (images) => ({
        y: result(perImage("x", [images, ...shape.slice(1)]), state("numbers", [shape.at(-1)!])),
      }),
    }));
}

/** The same op on values that belong to the whole batch, as optimisers use it: state, and sums over slices. */
function updateCase(result: (x: Node, other: Node) => Node): Case {
  return {
    title: "on state and on a sum over slices",
    images: 5,
    build: (images) => {
      const weight = state("weight", [3, 7]);
      const total = ops.sumSlices(ops.scaleBy(weight, ops.sumAll(perImage("x", [images, 2]))));
      return { state: result(weight, weight), total: result(total, weight) };
    },
  };
}

/** Every operation of expressions, kept away from where float32 and float64 may differ by more than rounding. */
const unaryOps = {
  arithmetic: definePointwise("arithmetic", (x) => x.mul(x).sub(0.25).div(x.abs().add(1)).neg()),
  roots: definePointwise("roots", (x) => x.abs().sqrt().add(x.abs().add(0.125).log())),
  exponentials: definePointwise("exponentials", (x) => x.mul(20).exp().log().add(x.sigmoid())),
  tanh: definePointwise("tanh", (x) => x.mul(3).tanh()),
  comparisons: definePointwise("comparisons", (x) =>
    x.greater(0.25).add(x.equal(0.5)).add(x.lessEqual(-0.125)).where(x.max(0.125), x.min(0)),
  ),
};
const blend = definePointwise("blend", (a, b) =>
  a.sigmoid().mul(b).add(a.greater(b).where(a.tanh(), b.exp())),
);
const affine = definePointwise("affine", (x, scale, shift) => x.mul(scale).add(shift));
const scalarProduct = definePointwise("scalarProduct", (x, s) => x.mul(s));
const fused = definePointwise("fused", (y, other, c, s) => y.add(other).mul(c).sigmoid().max(s));
const sigmoidOfFive = definePointwise("five", (a, b, c, d, e) =>
  a.mul(a).mul(b).mul(c).add(d).mul(e).sigmoid(),
);
const sigmoidOfSix = definePointwise("six", (a, b, c, d, e, f) =>
  a.mul(a).mul(b).mul(c).add(d).mul(e).add(f).sigmoid(),
);
const adam = definePointwise("adam", (m, v, lr) => m.mul(lr).div(v.mul(v).sqrt().add(1e-3)));

const scoreShapes = [
  [1, 1],
  [1, 10],
  [7, 10],
  [5, 3],
  [3, 17],
] as const;

function scoreCases(
  result: (logits: Node, labels: Node, dy: Node) => Node,
  options: Pick<Case, "exact"> = {},
): Case[] {
  return scoreShapes.map(([n, classes]) => ({
    title: `${n} images, ${classes} classes`,
    images: n,
    classes,
    build: (images) => ({
      y: result(perImage("logits", [images, classes]), labels(images), perImage("dy", [images])),
    }),
    ...options,
  }));
}

export const opCases: { readonly [K in OpName]: readonly Case[] } = {
  fromBytes: shapeCases((x) => ops.fromBytes(x), {}, "u8"),
  resizeBilinear: sizeCases((x, attrs) => ops.resizeBilinear(x, attrs)),
  resizeBilinearGrad: sizeCases((dy, attrs) => ops.resizeBilinearGrad(dy, attrs)),

  conv2d: convolutionCases(({ y }) => ({ y })),
  conv2dInputGrad: convolutionCases(({ dy, weight, attrs }, { h, w }) => ({
    dx: ops.conv2dInputGrad(dy, weight, { ...attrs, height: h, width: w }),
  })),
  padEdge: [
    { before: 0, after: 0 },
    { before: 1, after: 1 },
    { before: 2, after: 5 },
  ].map((attrs) => ({
    title: `${attrs.before} before, ${attrs.after} after`,
    images: 2,
    build: (images: number) => ({ y: ops.padEdge(perImage("x", [images, 5, 4, 3]), attrs) }),
    exact: true as const,
  })),
  mixTaps: [1, 3, 8, 17].map((c) => ({
    title: `2x3 taps to 3x5 for ${c} channels`,
    images: 1,
    build: () => {
      const matrix = Float64Array.from({ length: 15 * 6 }, (_, i) => ((i * 37) % 19) / 8 - 1);
      return { y: ops.mixTaps(state("w", [2, 3, 2, c]), { matrix, rows: 3, columns: 5 }) };
    },
  })),
  polyphaseConv2d: polyphaseCases(({ x, w }, attrs) => ({ y: ops.polyphaseConv2d(x, w, attrs) })),
  polyphaseConv2dWeightGrad: polyphaseCases(({ x, dy }, attrs) => ({
    dw: ops.sumSlices(ops.polyphaseConv2dWeightGrad(x, dy, attrs)),
  })),
  winogradWeights: winogradCases(({ w }, { tile }) => ops.winogradWeights(w, { tile })),
  winogradWeightsGrad: winogradCases(({ du }, { tile }) => ops.winogradWeightsGrad(du, { tile })),
  winogradConv2d: winogradCases(({ x, u }, attrs) => ops.winogradConv2d(x, u, attrs)),
  winogradConv2dWeightGrad: winogradCases(({ x, dy }, attrs) =>
    ops.sumSlices(ops.winogradConv2dWeightGrad(x, dy, attrs)),
  ),
  flipWeights: winogradCases(({ w }) => ops.flipWeights(w), usualTiles).map(exactly),
  conv2dWeightGrad: convolutionCases(({ x, dy, attrs }, { kernel }) => ({
    dw: ops.sumSlices(ops.conv2dWeightGrad(x, dy, { ...attrs, kernel })),
  })),

  maxPool2d: poolCases((x, attrs) => ops.maxPool2d(x, attrs)).map(exactly),
  maxPool2dIndex: [
    ...poolCases((x, attrs) => ops.maxPool2dIndex(x, attrs)).map(exactly),
    {
      title: "equal values",
      images: 2,
      build: (images) => ({
        y: ops.maxPool2dIndex(ops.expand(factor, perImage("x", [images, 6, 6, 5])), {
          kernel: 3,
          stride: 2,
          padding: 1,
        }),
      }),
      exact: true,
    },
  ],
  maxPool2dGrad: poolCases((x, attrs, size) => {
    const index = ops.maxPool2dIndex(x, attrs);
    return ops.maxPool2dGrad(perImage("dy", index.type.shape), index, { ...attrs, ...size });
  }),
  avgPool2d: averageCases((x, attrs) => ops.avgPool2d(x, attrs)),
  avgPool2dGrad: averageCases((x, attrs, size) =>
    ops.avgPool2dGrad(perImage("dy", ops.avgPool2d(x, attrs).type.shape), { ...attrs, ...size }),
  ),
  adaptiveAvgPool2d: sizeCases((x, attrs) => ops.adaptiveAvgPool2d(x, attrs)),
  adaptiveAvgPool2dGrad: sizeCases((dy, attrs) => ops.adaptiveAvgPool2dGrad(dy, attrs)),

  relu: shapeCases((x) => ops.relu(x)),
  reluGrad: shapeCases((dy, x) => ops.reluGrad(dy, ops.relu(x))),
  addBias: channelCases((x, bias) => ops.addBias(x, bias)),
  scaleChannels: [
    ...channelCases((x, factors) => ops.scaleChannels(x, factors)),
    updateCase((x) => ops.scaleChannels(x, sevenFactors)),
  ],
  add: [...shapeCases((a, b) => ops.add(a, b), {}), updateCase((a, b) => ops.add(a, b))],
  mul: [...shapeCases((a, b) => ops.mul(a, b), {}), updateCase((a, b) => ops.mul(a, b))],
  scaleBy: [...shapeCases((x) => ops.scaleBy(x, factor), {}), updateCase((x) => ops.scaleBy(x, factor))],
  pointwise: [
    ...Object.entries(unaryOps).flatMap(([, op]) => shapeCases((x) => op(x), {})),
    ...shapeCases((x, other) => blend(x, other), {}),
    ...channelCases((x, numbers) => affine(x, numbers, factor)),
    // Several tasks of the CPU's kernel, the last one short.
    ...[
      [3, 101, 113],
      [2, 1, 32768],
    ].map((shape) => ({
      title: `[${shape.join(", ")}]`,
      images: shape[0]!,
      build: (images: number) => {
        const own = [images, ...shape.slice(1)];
        const [x, other, dy] = [perImage("x", own), perImage("other", own), perImage("dy", own)];
        const y = affine(blend(x, other), state("numbers", [shape.at(-1)!]), factor);
        return { y, dx: gradients(y, [x], dy)[0]! };
      },
    })),
    updateCase((x, other) => adam(x, other, factor)),
    // As many buffers as a kernel of WebGPU may read: with the result for the gradient, and without it.
    ...([sigmoidOfFive, sigmoidOfSix] as const).map((op, i) => ({
      title: `the gradient of ${5 + i} inputs`,
      images: 3,
      build: (images: number) => {
        const inputs = Array.from({ length: 5 + i }, (_, at) => perImage(`x${at}`, [images, 2, 3, 8]));
        const y = (op as (...given: readonly Node[]) => Node)(...inputs);
        const dx = gradients(y, inputs, perImage("dy", [images, 2, 3, 8]));
        return Object.fromEntries(dx.map((each, at) => [`dx${at}`, each!]));
      },
    })),
    {
      title: "the gradient of one number for all, where a slice may have one image",
      images: 3,
      build: (images) => {
        const [x, dy, s] = [perImage("x", [images]), perImage("dy", [images]), state("s", [1])];
        const [ds] = gradients(scalarProduct(x, s), [s], dy);
        return { ds: ops.sumSlices(ds!) };
      },
    },
  ],
  randomMask: [
    { shape: [7, 3, 5, 5], rate: 0.5, stream: 0 },
    { shape: [1, 1], rate: 0.1, stream: 3 },
    { shape: [5, 3], rate: 0.7, stream: 1 },
    { shape: [3, 2, 2, 33], rate: 0, stream: 2 },
  ].map(({ shape, rate, stream }) => ({
    title: `[${shape.join(", ")}], rate ${rate}`,
    images: shape[0]!,
    build: (images) => ({
      y: ops.randomMask(key, sliceStart, { shape: [images, ...shape.slice(1)], rate, stream }),
    }),
    exact: true,
  })),

  randomMove: [
    { shape: [7, 5, 6, 1], shift: 2, flip: true, stream: 0 },
    { shape: [3, 4, 4, 3], shift: 0, flip: true, stream: 2 },
    { shape: [70, 5, 7, 2], shift: 4, flip: false, stream: 1 },
  ].map(({ shape, ...attrs }) => ({
    title: `[${shape.join(", ")}], shift ${attrs.shift}${attrs.flip ? ", flip" : ""}`,
    images: shape[0]!,
    build: (images) => ({
      y: ops.randomMove(perImage("x", [images, ...shape.slice(1)]), key, sliceStart, attrs),
    }),
    exact: true,
  })),
  randomErase: [
    { shape: [7, 5, 6, 1], side: 2, stream: 0 },
    { shape: [70, 4, 4, 3], side: 3, stream: 1 },
    { shape: [1, 1, 1, 2], side: 1, stream: 0 },
  ].map(({ shape, ...attrs }) => ({
    title: `[${shape.join(", ")}], side ${attrs.side}`,
    images: shape[0]!,
    build: (images) => ({
      y: ops.randomErase(perImage("x", [images, ...shape.slice(1)]), key, sliceStart, attrs),
    }),
    exact: true,
  })),

  // The last shape is cut into many pieces.
  sumPixels: [3, 35].flatMap((channels) =>
    [...shapes, [2, 71, 73]].map((shape) => ({
      title: `[${[...shape, channels].join(", ")}]`,
      images: shape[0]!,
      build: (images) => ({
        y: ops.sumSlices(ops.sumPixels(perImage("x", [images, ...shape.slice(1), channels]))),
      }),
    })),
  ),
  // Blocks of the CPU's kernel that end within a pixel, within a vector, and short of either.
  sumPointwise: [
    [1, 3],
    [5, 1, 8],
    [3, 7, 35],
    [2, 19, 23, 48],
    [3, 2, 600],
  ].map((shape) => ({
    title: `[${shape.join(", ")}]`,
    images: shape[0]!,
    build: (images) => {
      const own = [images, ...shape.slice(1)];
      const numbers = state("numbers", [shape.at(-1)!]);
      const inputs = [perImage("x", own), perImage("other", own), numbers, factor];
      return { y: ops.sumSlices(ops.sumPointwise(...(inputs as [Node]), scaledProduct)) };
    },
  })),
  sumAll: shapeCases((x) => ops.sumSlices(ops.sumAll(x)), {}),
  sumSlices: [1, 4, 7, 33].map((c) => ({
    title: `${c} sums`,
    images: 7,
    build: (images) => ({ y: ops.sumSlices(ops.sumPixels(perImage("x", [images, c]))) }),
  })),
  expand: [
    ...shapeCases((x) => ops.expand(factor, x)),
    ...channelCases((x, numbers) => ops.expand(numbers, x)).map(exactly),
  ],

  reshape: [
    { title: "flattens", images: 3, build: flattened((n) => [n, 24]), exact: true },
    { title: "splits", images: 5, build: flattened((n) => [n, 4, 3, 2]), exact: true },
    {
      title: "state",
      images: 1,
      build: () => ({ y: ops.reshape(state("weight", [6, 4]), { shape: [1, 1, 6, 4] }) }),
      exact: true,
    },
  ],
  permute: [
    [0, 3, 1, 2],
    [0, 2, 3, 1],
    [0, 1, 2, 3],
    [0, 2, 1, 3],
  ].map((axes) => ({
    title: `axes ${axes.join(", ")}`,
    images: 3,
    build: (images) => ({ y: ops.permute(perImage("x", [images, 5, 4, 7]), { axes }) }),
    exact: true,
  })),

  crossEntropy: scoreCases((logits, targets) => ops.crossEntropy(logits, targets)),
  crossEntropyGrad: scoreCases((logits, targets, dy) => ops.crossEntropyGrad(logits, targets, dy)),
  oneHot: scoreCases((logits, targets) => ops.oneHot(targets, logits), { exact: true }),
  countCorrect: scoreCases((logits, targets) => ops.countCorrect(logits, targets), { exact: true }),
};

/** Ops that a backend may run in one kernel. */
export const fusedCases: readonly Case[] = [
  ...convolutionCases(({ y }, { cout }) => ({ y: ops.relu(ops.addBias(y, state("bias", [cout]))) })).map(
    titled("convolution, bias, ReLU"),
  ),
  ...convolutionCases(({ y }) => ({ y: ops.relu(y) })).map(titled("convolution, ReLU")),
  ...convolutionCases(({ x, weight, dy, attrs }, { h, w }) => ({
    dx: ops.reluGrad(ops.conv2dInputGrad(dy, weight, { ...attrs, height: h, width: w }), ops.relu(x)),
  })).map(titled("convolution's input gradient, ReLU's gradient")),
  ...polyphaseCases(({ x, w, dy }, attrs) => {
    const y = ops.polyphaseConv2d(x, w, attrs);
    return { y: ops.relu(ops.addBias(y, state("bias", [y.type.shape[3]!]))), masked: ops.reluGrad(y, dy) };
  }).map(titled("polyphase convolution, bias, ReLU")),
  ...winogradCases(
    ({ x, u }, attrs) =>
      ops.relu(ops.addBias(ops.winogradConv2d(x, u, attrs), state("bias", [u.type.shape[3]!]))),
    usualTiles,
  ).map(titled("Winograd convolution, bias, ReLU")),
  ...winogradCases(
    ({ x, u, dy }, attrs) => ops.reluGrad(ops.winogradConv2d(x, u, attrs), dy),
    usualTiles,
  ).map(titled("Winograd convolution, ReLU's gradient")),
  ...poolCases((x, attrs, size) => {
    const y = ops.relu(x);
    const index = ops.maxPool2dIndex(y, attrs);
    return ops.reluGrad(ops.maxPool2dGrad(perImage("dy", index.type.shape), index, { ...attrs, ...size }), y);
  }).map(titled("max pooling's gradient, ReLU's gradient")),
  ...averageCases((x, attrs, size) => {
    const y = ops.avgPool2d(x, attrs);
    const dx = ops.avgPool2dGrad(perImage("dy", y.type.shape), { ...attrs, ...size });
    return ops.reluGrad(dx, x);
  }).map(titled("average pooling's gradient over windows, ReLU's gradient")),
  ...sizeCases((dy, attrs) => {
    const dx = ops.adaptiveAvgPool2dGrad(dy, attrs);
    return ops.reluGrad(dx, perImage("y", dx.type.shape));
  }).map(titled("average pooling's gradient, ReLU's gradient")),
  ...convolutionCases(({ y }, { cout }) => ({
    y: ops.scaleBy(ops.addBias(y, state("bias", [cout])), factor),
  })).map(titled("convolution, bias, factor")),
  ...everyThird(
    convolutionCases(({ y }, { cout }) => ({
      y: ops.relu(ops.addBias(ops.scaleChannels(y, state("factors", [cout])), state("bias", [cout]))),
    })),
  ).map(titled("convolution, factor and bias of each channel, ReLU")),
  ...convolutionCases(({ y, dy }) => ({ y: ops.mul(y, dy) })).map(titled("convolution, product")),
  ...everyThird(
    convolutionCases(({ y, dy }, { cout }) => ({
      y: fused(ops.addBias(y, state("bias", [cout])), dy, state("factors", [cout]), factor),
    })),
  ).map(titled("convolution, bias, expression")),
  ...everyThird(
    poolCases((x, attrs, size) => {
      const index = ops.maxPool2dIndex(x, attrs);
      const dx = ops.maxPool2dGrad(perImage("dy", index.type.shape), index, { ...attrs, ...size });
      return unaryOps.comparisons(dx);
    }),
  ).map(titled("max pooling's gradient, expression")),
  ...convolutionCases(({ x, weight, dy, y }) => {
    const [dx, dw] = gradients(ops.relu(y), [x, weight], dy);
    return { dx: dx!, dw: ops.sumSlices(dw!) };
  }).map(titled("both gradients of convolution and ReLU")),
];

/** Enough of a combination whose parts are tested over all shapes: compiling for a GPU takes long. */
function everyThird(cases: readonly Case[]): Case[] {
  return everyNth(cases, 3);
}

export function everyNth(cases: readonly Case[], n: number): Case[] {
  return cases.filter((_, i) => i % n === 0);
}

function exactly(each: Case): Case {
  return { ...each, exact: true };
}

function titled(what: string): (each: Case) => Case {
  return (each) => ({ ...each, title: `${what}: ${each.title}` });
}

function flattened(shape: (images: number) => readonly number[]): Case["build"] {
  return (images) => ({ y: ops.reshape(perImage("x", [images, 2, 3, 4]), { shape: shape(images) }) });
}
