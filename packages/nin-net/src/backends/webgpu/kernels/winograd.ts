/**
 * Winograd convolutions: tiles of the image are transformed, each position of the tiles is one matrix product, and the
 * products are transformed back. One thread has one channel of one tile in registers.
 */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import { type Matrix, transpose, winogradMatrices } from "../../../ops/winograd/matrices.ts";
import type { WinogradAttrs } from "../../../ops/winograd/winograd.ts";
import type { Buffer } from "../dispatch.ts";
import type { Lowering } from "../lowering.ts";
import { floats, pairs, real, vectors } from "../shader.ts";
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
    return terms.join(" + ");
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
    reads: [floats("w", to.buffer(w))],
    writes: [floats("y", to.buffer(node))],
    body: `
  if (id >= ${pairs}u) { return; }
  ${square(matrix[0]!.length, (i, j) => `let in${i}_${j} = w[${(i * matrix[0]!.length + j) * pairs}u + id];`)}
  ${sandwichCode(matrix)}
  ${square(matrix.length, (i, j) => `y[${(i * matrix.length + j) * pairs}u + id] = out${i}_${j};`)}`,
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
  const twos = channels / 2;
  const size = matrix[0]!.length;
  const positions = to.scratch(matrix.length ** 2 * tiles * channels);
  const read = pairs("x", to.buffer(x));
  to.launch({
    kernel: "winogradSpread",
    reads: [read],
    writes: [pairs("y", positions)],
    declarations: `
fn pixel(image: u32, i: i32, j: i32, c: u32) -> vec2f {
  if (i < 0 || j < 0 || i >= ${height} || j >= ${width}) { return vec2f(); }
  return ${read.at(`((image * ${height}u + u32(i)) * ${width}u + u32(j)) * ${twos}u + c`)};
}`,
    body: `
  if (id >= n.x * ${twos}u) { return; }
  let c = id % ${twos}u;
  let tile = id / ${twos}u;
  let left = i32(tile % ${across}u) * ${tile} - ${padding};
  let top = i32(tile / ${across}u % ${down}u) * ${tile} - ${padding};
  let image = tile / ${down * across}u;
  ${square(size, (i, j) => `let in${i}_${j} = pixel(image, top + ${i}, left + ${j}, c);`)}
  ${sandwichCode(matrix)}
  let step = n.x * ${twos}u;
  ${square(matrix.length, (i, j) => `y[${i * matrix.length + j}u * step + id] = out${i}_${j};`)}`,
    sizes: [tiles],
    threads: tiles * twos,
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
  const twos = channels / 2;
  const size = matrix[0]!.length;
  const ending = epilogue(node, to, "vec2f");
  const write = pairs("y", to.buffer(node));
  to.launch({
    kernel: "winogradGather",
    reads: [pairs("x", products), ...ending.bindings],
    writes: [write],
    declarations: `
fn put(image: u32, i: u32, j: u32, channel: u32, value: vec2f) {
  if (i >= ${height}u || j >= ${width}u) { return; }
  let at = ((image * ${height}u + i) * ${width}u + j) * ${twos}u + channel;
  var r = value;
  ${ending.code}
  ${write.put("at", "r")}
}`,
    body: `
  if (id >= n.x * ${twos}u) { return; }
  let c = id % ${twos}u;
  let tile = id / ${twos}u;
  let left = (tile % ${across}u) * ${tile}u;
  let top = (tile / ${across}u % ${down}u) * ${tile}u;
  let image = tile / ${down * across}u;
  let step = n.x * ${twos}u;
  ${square(size, (i, j) => `let in${i}_${j} = x[${i * size + j}u * step + id];`)}
  ${sandwichCode(matrix)}
  ${square(matrix.length, (i, j) => `put(image, top + ${i}u, left + ${j}u, c, out${i}_${j});`)}`,
    sizes: [tiles],
    threads: tiles * twos,
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
    ...matrixProduct({
      write: vectors("y", products),
      a: {
        read: vectors("x", positions),
        code: `return x[(z * n.x + outer) * ${cin / 4}u + k / 4u];`,
        along: "k",
        wide: true,
      },
      b: {
        read: vectors("w", to.buffer(u)),
        code: `return w[(z * ${cin}u + k) * ${cout / 4}u + outer / 4u];`,
        along: "outer",
        wide: true,
      },
      rows: "n.x",
      columns: cout,
      first: "0u",
      end: `${cin}u`,
      count: `${size * size}u`,
      tile: shape,
    }),
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
    ...matrixProduct({
      write: vectors("y", parts),
      a: { read: vectors("x", positions), code: `return x[${row(cin)}];`, along: "outer", wide: true },
      b: { read: vectors("dy", gradients), code: `return dy[${row(cout)}];`, along: "outer", wide: true },
      rows: `${cin}u`,
      columns: cout,
      first: `(z / ${count}u) * n.y`,
      end: "min(first + n.y, n.x)",
      count: "n.z",
      tile: shape,
    }),
    sizes: [tiling.tiles, piece, count * pieces],
    workgroups: tilesOf(cin, cout, shape) * count * pieces,
  });
  if (pieces > 1) sumPieces(parts, result, pieces, sizeOf(node.type.shape), to);
}
