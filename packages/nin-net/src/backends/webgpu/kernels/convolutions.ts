/** Convolutions and their gradients as matrix products over windows that are never copied. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { ConvAttrs } from "../../../ops/conv2d.ts";
import type { PolyphaseConvAttrs } from "../../../ops/polyphase-conv2d.ts";
import type { Buffer } from "../dispatch.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats, vectors } from "../shader.ts";
import { epilogue } from "./epilogue.ts";
import { type Factor, matrixProduct, type Product, tileFor, tilesOf } from "./matrix-product.ts";
import { sumPieces } from "./sum-pieces.ts";

type Lengths = [n: number, h: number, w: number, c: number];
const lengths = (node: Node) => node.type.shape as unknown as Lengths;

/** A binding of vectors where rows of so many channels start at whole vectors, else of floats. */
function binding(name: string, buffer: Buffer, channels: number): Binding {
  return channels % 4 === 0 ? vectors(name, buffer) : floats(name, buffer);
}

const isWide = ({ view }: Binding) => view === "vec4f";

/** Element `index` of a buffer, or the vector that starts there, as it is stored. */
function element(read: Binding, index: string): string {
  return read.stored(isWide(read) ? `(${index}) / 4u` : index);
}

function factor(read: Binding, along: Factor["along"], code: string): Factor {
  return { read, along, wide: isWide(read), code };
}

/** Rows of a matrix [k, channels] in memory, as factor B. */
function plainRows(read: Binding, channels: number, row = "k"): Factor {
  return factor(read, "outer", `return ${element(read, `(${row}) * ${channels}u + outer`)};`);
}

/** Zero of what a factor yields. */
const zeroOf = (read: Binding) => (isWide(read) ? "vec4f()" : "0.0");

interface Window extends ConvAttrs {
  readonly kernel: number;
}

/** Code that finds the pixel of an image [., height, width, channels] under a tap of the window of an output pixel. */
function tapOf(
  x: Binding,
  { kernel, stride, padding }: Window,
  [, height, width, channels]: Lengths,
  [, outHeight, outWidth]: Lengths,
  [pixel, depth]: readonly [pixel: string, depth: string],
): string {
  if (kernel === 1 && stride === 1 && padding === 0) {
    return `return ${element(x, `${pixel} * ${channels}u + ${depth}`)};`;
  }
  return `
  let tap = ${depth} / ${channels}u;
  let c = ${depth} % ${channels}u;
  let i = i32((${pixel} / ${outWidth}u % ${outHeight}u) * ${stride}u + tap / ${kernel}u) - ${padding};
  let j = i32((${pixel} % ${outWidth}u) * ${stride}u + tap % ${kernel}u) - ${padding};
  if (i < 0 || j < 0 || i >= ${height} || j >= ${width}) { return ${zeroOf(x)}; }
  let image = ${pixel} / ${outHeight * outWidth}u;
  return ${element(x, `((image * ${height}u + u32(i)) * ${width}u + u32(j)) * ${channels}u + c`)};`;
}

/** y = x * w with the node's epilogue: rows are output pixels, k runs over taps and channels. */
export function conv2d(node: OpNode & { readonly attrs: ConvAttrs }, to: Lowering): void {
  const [x, w] = node.inputs as [Node, Node];
  const [kernel, , cin, cout] = lengths(w);
  const window = { ...node.attrs, kernel };
  const k = kernel * kernel * cin;
  const image = binding("x", to.buffer(x), cin);
  launchWithEpilogue("convolve", node, to, sizeOf(node.type.shape) / cout, {
    a: factor(image, "k", tapOf(image, window, lengths(x), lengths(node), ["outer", "k"])),
    b: plainRows(binding("w", to.buffer(w), cout), cout),
    columns: cout,
    end: `${k}u`,
  });
}

/** dx: rows are input pixels, k runs over taps and output channels. */
export function conv2dInputGrad(node: OpNode & { readonly attrs: ConvAttrs }, to: Lowering): void {
  const [dy, w] = node.inputs as [Node, Node];
  const [kernel, , cin, cout] = lengths(w);
  const [, height, width] = lengths(node);
  const [, outHeight, outWidth] = lengths(dy);
  const { stride, padding } = node.attrs;
  const pointwise = kernel === 1 && stride === 1 && padding === 0;
  const slopes = binding("dy", to.buffer(dy), cout);
  const weights = binding("w", to.buffer(w), cout);
  const window = `
  let tap = k / ${cout}u;
  let c = k % ${cout}u;
  let i = i32(outer / ${width}u % ${height}u) + ${padding} - i32(tap / ${kernel}u);
  let j = i32(outer % ${width}u) + ${padding} - i32(tap % ${kernel}u);
  if (i < 0 || j < 0 || i % ${stride} != 0 || j % ${stride} != 0) { return ${zeroOf(slopes)}; }
  let row = i / ${stride};
  let column = j / ${stride};
  if (row >= ${outHeight} || column >= ${outWidth}) { return ${zeroOf(slopes)}; }
  let image = outer / ${height * width}u;
  return ${element(slopes, `((image * ${outHeight}u + u32(row)) * ${outWidth}u + u32(column)) * ${cout}u + c`)};`;
  const weight = `return ${element(weights, `((k / ${cout}u) * ${cin}u + outer) * ${cout}u + k % ${cout}u`)};`;
  launchWithEpilogue("convolveInputGradient", node, to, sizeOf(node.type.shape) / cin, {
    a: factor(slopes, "k", pointwise ? `return ${element(slopes, `outer * ${cout}u + k`)};` : window),
    b: factor(weights, "k", weight),
    columns: cin,
    end: `${kernel * kernel * cout}u`,
  });
}

/** dw: rows are taps and input channels, k runs over all output pixels. */
export function conv2dWeightGrad(node: OpNode & { readonly attrs: Window }, to: Lowering): void {
  const [x, dy] = node.inputs as [Node, Node];
  const [, , , cin] = lengths(x);
  const cout = lengths(dy)[3];
  const { kernel } = node.attrs;
  const image = binding("x", to.buffer(x), cin);
  launchInPieces("convolveWeightGradient", node, to, {
    a: factor(image, "outer", tapOf(image, node.attrs, lengths(x), lengths(dy), ["k", "outer"])),
    b: plainRows(binding("dy", to.buffer(dy), cout), cout),
    rows: kernel * kernel * cin,
    columns: cout,
    depth: sizeOf(dy.type.shape) / cout,
    count: 1,
  });
}

/** What code of polyphase convolutions shares: `pixel` of a phase `z` -> its image and its place in the output. */
function polyphasePixel({ offsets, height, width }: PolyphaseConvAttrs, pixel: string): string {
  const period = offsets.length;
  const [down, across] = [Math.ceil(height / period), Math.ceil(width / period)];
  return `
  let phase = z % ${period * period}u;
  let l = ${pixel} % ${across}u;
  let m = ${pixel} / ${across}u % ${down}u;
  let image = ${pixel} / ${down * across}u;
  let row = m * ${period}u + phase / ${period}u;
  let column = l * ${period}u + phase % ${period}u;
  let outside = row >= ${height}u || column >= ${width}u;`;
}

function polyphaseTap(
  x: Binding,
  attrs: PolyphaseConvAttrs,
  [, height, width, cin]: Lengths,
  [pixel, depth]: readonly [pixel: string, depth: string],
): string {
  const { kernel, stride, offsets } = attrs;
  return `${polyphasePixel(attrs, pixel)}
  if (outside) { return ${zeroOf(x)}; }
  var offsets = array<u32, ${offsets.length}>(${offsets.map((offset) => `${offset}u`).join(", ")});
  let tap = ${depth} / ${cin}u;
  let c = ${depth} % ${cin}u;
  let i = m * ${stride}u + offsets[phase / ${offsets.length}u] + tap / ${kernel}u;
  let j = l * ${stride}u + offsets[phase % ${offsets.length}u] + tap % ${kernel}u;
  return ${element(x, `((image * ${height}u + i) * ${width}u + j) * ${cin}u + c`)};`;
}

/** One product for each phase of the output pixel. */
export function polyphaseConv2d(node: OpNode & { readonly attrs: PolyphaseConvAttrs }, to: Lowering): void {
  const [x, w] = node.inputs as [Node, Node];
  const [images, , , cin] = lengths(x);
  const cout = lengths(node)[3];
  const { offsets, kernel, height, width } = node.attrs;
  const period = offsets.length;
  const rows = images * Math.ceil(height / period) * Math.ceil(width / period);
  const k = kernel * kernel * cin;
  const image = binding("x", to.buffer(x), cin);
  launchWithEpilogue("polyphaseConvolve", node, to, rows, {
    a: factor(image, "k", polyphaseTap(image, node.attrs, lengths(x), ["outer", "k"])),
    b: plainRows(binding("w", to.buffer(w), cout), cout, `z * ${k}u + k`),
    columns: cout,
    end: `${k}u`,
    count: period * period,
    place: `${polyphasePixel(node.attrs, "outer")}
  if (outside) { return 0xffffffffu; }
  return (image * ${height}u + row) * ${width}u + column;`,
  });
}

export function polyphaseConv2dWeightGrad(
  node: OpNode & { readonly attrs: PolyphaseConvAttrs },
  to: Lowering,
): void {
  const [x, dy] = node.inputs as [Node, Node];
  const [images, , , cin] = lengths(x);
  const cout = lengths(dy)[3];
  const { offsets, kernel, height, width } = node.attrs;
  const period = offsets.length;
  const image = binding("x", to.buffer(x), cin);
  const slopes = binding("dy", to.buffer(dy), cout);
  const slope = `${polyphasePixel(node.attrs, "k")}
  if (outside) { return ${zeroOf(slopes)}; }
  return ${element(slopes, `((image * ${height}u + row) * ${width}u + column) * ${cout}u + outer`)};`;
  launchInPieces("polyphaseWeightGradient", node, to, {
    a: factor(image, "outer", polyphaseTap(image, node.attrs, lengths(x), ["k", "outer"])),
    b: factor(slopes, "outer", slope),
    rows: kernel * kernel * cin,
    columns: cout,
    depth: images * Math.ceil(height / period) * Math.ceil(width / period),
    count: period * period,
  });
}

interface Factors {
  readonly a: Factor;
  readonly b: Factor;
  readonly columns: number;
}

function launchWithEpilogue(
  kernel: string,
  node: OpNode,
  to: Lowering,
  rows: number,
  factors: Factors & { readonly end: string; readonly count?: number; readonly place?: string },
): void {
  const { a, b, end, columns, count = 1, place } = factors;
  const tile = tileFor(rows, columns, count);
  const ending = epilogue(node, to, columns % 4 === 0 ? "vec4f" : "f32");
  const product: Product = {
    a,
    b,
    columns,
    end,
    reads: ending.bindings,
    write: binding("y", to.buffer(node), columns),
    rows: "n.x",
    first: "0u",
    count: `${count}u`,
    epilogue: ending.code,
    tile,
    subgroupMatrix: to.subgroupMatrixFor(node),
    ...(place && { place }),
  };
  to.launch({
    kernel,
    ...matrixProduct(product),
    sizes: [rows],
    workgroups: tilesOf(rows, columns, tile) * count,
  });
}

/** Workgroups that a weight gradient should have at least, so that all of a large GPU is busy. */
const leastWorkgroups = 512;
/** Products that a piece should add up at least. */
export const leastDepth = 256;

/** Into how many pieces a sum of so many products is cut, which are then added in order: by the shapes alone. */
export function piecesFor(depth: number, workgroups: number): number {
  return Math.max(1, Math.min(Math.floor(depth / leastDepth), Math.ceil(leastWorkgroups / workgroups)));
}

/** A product with a long k, cut into pieces. */
function launchInPieces(
  kernel: string,
  node: OpNode,
  to: Lowering,
  factors: Factors & { readonly rows: number; readonly depth: number; readonly count: number },
): void {
  const { a, b, rows, columns, depth, count } = factors;
  const tile = tileFor(rows, columns, count * Math.ceil(depth / leastDepth));
  const pieces = piecesFor(depth, tilesOf(rows, columns, tile) * count);
  const piece = Math.ceil(depth / pieces);
  const result = to.buffer(node);
  const parts = pieces > 1 ? to.scratch(pieces * count * rows * columns) : result;
  to.launch({
    kernel,
    ...matrixProduct({
      write: binding("y", parts, columns),
      a,
      b,
      rows: `${rows}u`,
      columns,
      first: `(z / ${count}u) * n.y`,
      end: "min(first + n.y, n.x)",
      count: "n.z",
      tile,
      subgroupMatrix: to.subgroupMatrixFor(node),
    }),
    sizes: [depth, piece, pieces * count],
    workgroups: tilesOf(rows, columns, tile) * count * pieces,
  });
  if (pieces > 1) sumPieces(parts, result, pieces, count * rows * columns, to);
}
