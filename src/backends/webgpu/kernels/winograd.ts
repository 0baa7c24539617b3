/**
 * Winograd convolutions: tiles of the image are transformed, each position of the tiles is one matrix product, and the
 * products are transformed back. One thread has one channel of one tile in registers.
 */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import { type Matrix, transpose, winogradMatrices } from "../../../ops/winograd/matrices.ts";
import type { WinogradAttrs } from "../../../ops/winograd/winograd.ts";
import type { Buffer, Lowering } from "../lowering.ts";
import { floats, real, shader, vectors } from "../shader.ts";
import { leastDepth, piecesFor } from "./convolutions.ts";
import { epilogue } from "./epilogue.ts";
import { matrixProduct, tileFor, tilesOf } from "./matrix-product.ts";
import { sumPieces } from "./sum-pieces.ts";

type Lengths = [n: number, h: number, w: number, c: number];
const lengths = (node: Node) => node.type.shape as unknown as Lengths;

/** WGSL that makes `out0_0`, ... = M X M^T of `in0_0`, ..., terms with a factor of zero left out. */
function sandwichCode(matrix: Matrix): string {
  const sum = (factors: readonly number[], name: (k: number) => string) => {
    const terms = factors.flatMap((factor, k) => {
      if (factor === 0) return [];
      return [factor === 1 ? name(k) : factor === -1 ? `-${name(k)}` : `${real(factor)} * ${name(k)}`];
    });
    return terms.join(" + ") || "0.0";
  };
  const inner = matrix[0]!.map((_, j) => j);
  const halves = matrix.flatMap((row, i) =>
    inner.map((j) => `let half${i}_${j} = ${sum(row, (k) => `in${k}_${j}`)};`),
  );
  const outs = matrix.flatMap((_, i) =>
    matrix.map((row, j) => `let out${i}_${j} = ${sum(row, (k) => `half${i}_${k}`)};`),
  );
  return [...halves, ...outs].join("\n  ");
}

/** Calls `line` for every place of a square. */
function square(length: number, line: (i: number, j: number) => string): string {
  return Array.from({ length: length * length }, (_, at) => line(Math.floor(at / length), at % length)).join(
    "\n  ",
  );
}

/** M w M^T for the taps of every pair of channels: w [k, k, Cin, Cout] -> [m, m, Cin, Cout]. */
export function transformWeights(kernel: string, matrix: Matrix, node: OpNode, to: Lowering): void {
  const [w] = node.inputs as [Node];
  const pairs = lengths(w)[2] * lengths(w)[3];
  to.launch({
    kernel,
    wgsl: shader({
      reads: [floats("w")],
      writes: [floats("y")],
      body: `
  if (id >= ${pairs}u) { return; }
  ${square(matrix[0]!.length, (i, j) => `let in${i}_${j} = w[${(i * matrix[0]!.length + j) * pairs}u + id];`)}
  ${sandwichCode(matrix)}
  ${square(matrix.length, (i, j) => `y[${(i * matrix.length + j) * pairs}u + id] = out${i}_${j};`)}`,
    }),
    buffers: [to.buffer(w), to.buffer(node)],
    threads: pairs,
  });
}

/** How images are cut into tiles. */
interface Tiling {
  readonly images: number;
  readonly down: number;
  readonly across: number;
  readonly tiles: number;
}

function tilingOf([images, height, width]: Lengths, tile: number): Tiling {
  const [down, across] = [Math.ceil(height / tile), Math.ceil(width / tile)];
  return { images, down, across, tiles: images * down * across };
}

/** x [N, H, W, C] -> positions [m m, tiles, C]: M d M^T for the square d of the image at each tile. */
function spread(
  x: Node,
  matrix: Matrix,
  tile: number,
  padding: number,
  { down, across, tiles }: Tiling,
  to: Lowering,
): Buffer {
  const [, height, width, channels] = lengths(x);
  const size = matrix[0]!.length;
  const positions = to.scratch(matrix.length ** 2 * tiles * channels);
  to.launch({
    kernel: "winogradSpread",
    wgsl: shader({
      reads: [floats("x")],
      writes: [floats("y")],
      declarations: `
fn pixel(image: u32, i: i32, j: i32, c: u32) -> f32 {
  if (i < 0 || j < 0 || i >= ${height} || j >= ${width}) { return 0.0; }
  return x[((image * ${height}u + u32(i)) * ${width}u + u32(j)) * ${channels}u + c];
}`,
      body: `
  if (id >= n.x * ${channels}u) { return; }
  let c = id % ${channels}u;
  let tile = id / ${channels}u;
  let left = i32(tile % ${across}u) * ${tile} - ${padding};
  let top = i32(tile / ${across}u % ${down}u) * ${tile} - ${padding};
  let image = tile / ${down * across}u;
  ${square(size, (i, j) => `let in${i}_${j} = pixel(image, top + ${i}, left + ${j}, c);`)}
  ${sandwichCode(matrix)}
  let step = n.x * ${channels}u;
  ${square(matrix.length, (i, j) => `y[${i * matrix.length + j}u * step + id] = out${i}_${j};`)}`,
    }),
    buffers: [to.buffer(x), positions],
    sizes: [tiles],
    threads: tiles * channels,
    main: false,
  });
  return positions;
}

/** products [m m, tiles, C] -> y [N, H, W, C] with the node's epilogue: M p M^T, cut off at the edges. */
function gather(
  products: Buffer,
  matrix: Matrix,
  tile: number,
  { down, across, tiles }: Tiling,
  node: OpNode,
  to: Lowering,
): void {
  const [, height, width, channels] = lengths(node);
  const size = matrix[0]!.length;
  const ending = epilogue(node, to, "f32");
  to.launch({
    kernel: "winogradGather",
    wgsl: shader({
      reads: [floats("x"), ...ending.bindings],
      writes: [floats("y")],
      declarations: `
fn put(image: u32, i: u32, j: u32, channel: u32, value: f32) {
  if (i >= ${height}u || j >= ${width}u) { return; }
  let at = ((image * ${height}u + i) * ${width}u + j) * ${channels}u + channel;
  var r = value;
  ${ending.code}
  y[at] = r;
}`,
      body: `
  if (id >= n.x * ${channels}u) { return; }
  let c = id % ${channels}u;
  let tile = id / ${channels}u;
  let left = (tile % ${across}u) * ${tile}u;
  let top = (tile / ${across}u % ${down}u) * ${tile}u;
  let image = tile / ${down * across}u;
  let step = n.x * ${channels}u;
  ${square(size, (i, j) => `let in${i}_${j} = x[${i * size + j}u * step + id];`)}
  ${sandwichCode(matrix)}
  ${square(matrix.length, (i, j) => `put(image, top + ${i}u, left + ${j}u, c, out${i}_${j});`)}`,
    }),
    buffers: [products, ...ending.buffers, to.buffer(node)],
    sizes: [tiles],
    threads: tiles * channels,
    main: false,
  });
}

/** y = A^T [sum over c of (B^T d B) * u] A; channels are whole vectors. */
export function winogradConv2d(node: OpNode & { readonly attrs: WinogradAttrs }, to: Lowering): void {
  const [x, u] = node.inputs as [Node, Node];
  const { tile, kernel, padding } = node.attrs;
  const { size, inputs, outputs } = winogradMatrices(tile, kernel);
  const [, , cin, cout] = lengths(u);
  const tiling = tilingOf(lengths(node), tile);
  const positions = spread(x, inputs, tile, padding, tiling, to);
  const products = to.scratch(size * size * tiling.tiles * cout);
  const shape = tileFor(tiling.tiles, cout, size * size);
  to.launch({
    kernel: "winogradProducts",
    wgsl: matrixProduct({
      reads: [vectors("x"), vectors("w")],
      write: vectors("y"),
      a: { code: `return x[(z * n.x + outer) * ${cin / 4}u + k / 4u];`, along: "k", wide: true },
      b: { code: `return w[(z * ${cin}u + k) * ${cout / 4}u + outer / 4u];`, along: "outer", wide: true },
      rows: "n.x",
      columns: cout,
      first: "0u",
      end: `${cin}u`,
      count: `${size * size}u`,
      tile: shape,
    }),
    buffers: [positions, to.buffer(u), products],
    sizes: [tiling.tiles],
    workgroups: tilesOf(tiling.tiles, cout, shape) * size * size,
  });
  gather(products, outputs, tile, tiling, node, to);
}

/** du = sum over tiles of (B^T d B) * (A dY A^T), in pieces of tiles. */
export function winogradConv2dWeightGrad(
  node: OpNode & { readonly attrs: WinogradAttrs },
  to: Lowering,
): void {
  const [x, dy] = node.inputs as [Node, Node];
  const { tile, kernel, padding } = node.attrs;
  const { size, inputs, outputs } = winogradMatrices(tile, kernel);
  const [, , cin, cout] = lengths(node);
  const tiling = tilingOf(lengths(dy), tile);
  const count = size * size;
  const positions = spread(x, inputs, tile, padding, tiling, to);
  const gradients = spread(dy, transpose(outputs), tile, 0, tiling, to);
  const shape = tileFor(cin, cout, count * Math.ceil(tiling.tiles / leastDepth));
  const pieces = piecesFor(tiling.tiles, tilesOf(cin, cout, shape) * count);
  const piece = Math.ceil(tiling.tiles / pieces);
  const result = to.buffer(node);
  const parts = pieces > 1 ? to.scratch(pieces * sizeOf(node.type.shape)) : result;
  const row = (channels: number) => `((z % ${count}u) * n.x + k) * ${channels / 4}u + outer / 4u`;
  to.launch({
    kernel: "winogradWeightProducts",
    wgsl: matrixProduct({
      reads: [vectors("x"), vectors("dy")],
      write: vectors("y"),
      a: { code: `return x[${row(cin)}];`, along: "outer", wide: true },
      b: { code: `return dy[${row(cout)}];`, along: "outer", wide: true },
      rows: `${cin}u`,
      columns: cout,
      first: `(z / ${count}u) * n.y`,
      end: "min(first + n.y, n.x)",
      count: "n.z",
      tile: shape,
    }),
    buffers: [positions, gradients, parts],
    sizes: [tiling.tiles, piece, count * pieces],
    workgroups: tilesOf(cin, cout, shape) * count * pieces,
  });
  if (pieces > 1) to.launch(sumPieces(parts, result, pieces, sizeOf(node.type.shape)));
}
