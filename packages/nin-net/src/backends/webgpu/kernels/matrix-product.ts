/**
 * Matrix products C = A B, many at once: the heart of every convolution. A workgroup makes one tile of C; tiles of A
 * and B go through workgroup memory, and each thread keeps 4x4 to 8x8 sums in registers. Where A and B come from and
 * where C goes is for the caller to say, so that convolutions need no copy of their windows ("implicit GEMM", Chetlur
 * et al. 2014, "cuDNN: efficient primitives for deep learning", arXiv:1410.0759).
 *
 * Every element of C is added up over k in ascending order, whatever the tile: the same bits on every run. Where tensor
 * cores multiply, the order within their small matrices is theirs, and the same on every run, too.
 */

import { type Binding, real, type ShaderParts } from "../shader.ts";
import type { SubgroupMatrix } from "../tensor-cores.ts";
import { type Core, depth, type Tile } from "./core.ts";
import { fitsTile, matrixCore } from "./matrix-core.ts";
import { registerCore } from "./register-core.ts";

/** How one factor is read. */
export interface Factor {
  readonly read: Binding;
  /**
   * A function's body that yields the stored value at `outer` (the row of A, the column of B) and `k` of product `z`. It
   * is asked for places within the matrix only.
   */
  readonly code: string;
  /** Which index neighbours in memory differ by; four of them are read at a time if `wide`. */
  readonly along: "k" | "outer";
  /** Whether the code yields four values (a vec4f) at once: rows start at whole vectors. */
  readonly wide: boolean;
}

export interface Product {
  readonly a: Factor;
  readonly b: Factor;
  /** What the epilogue reads. */
  readonly reads?: readonly Binding[];
  readonly write: Binding;
  /** Rows, as WGSL. */
  readonly rows: string;
  readonly columns: number;
  /** The stretch of k to add up, as WGSL of `z`. */
  readonly first: string;
  readonly end: string;
  /** How many products, as WGSL. */
  readonly count: string;
  /** The row of the result in memory, as a function's body of `z` and `outer`; `0xffffffffu` for none. */
  readonly place?: string;
  /** Statements on `var r`; see {@link Epilogue}. */
  readonly epilogue?: string;
  readonly tile: Tile;
  /** Tensor cores that may multiply, for factors that 16-bit floats hold. */
  readonly subgroupMatrix?: SubgroupMatrix | undefined;
}

/** Tiles that a GPU should have to work on at least; a small matrix is cut into smaller ones. */
const leastTiles = 64;

/**
 * The tile for `count` matrices of so many rows and columns: 128x128 with 8x8 sums a thread where there is enough to
 * do, else 64x64 or 32x32 with 4x4; narrower for few columns.
 */
export function tileFor(rows: number, columns: number, count = 1): Tile {
  const enough = (length: number) => rows * columns * count >= leastTiles * length * length;
  const length = enough(128) ? 128 : enough(64) ? 64 : 32;
  const narrow = [16, 64, 96].find((width) => columns <= width) ?? 128;
  const across = Math.min(length, narrow);
  const each = (side: number) => (side > 64 ? 8 : 4);
  return { rows: length, columns: across, threadRows: each(length), threadColumns: each(across) };
}

/** Tiles that cover a matrix. */
export function tilesOf(rows: number, columns: number, tile: Tile): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

export function matrixProduct(product: Product): ShaderParts {
  const { reads = [], write, a, b, rows, columns, first, end, count, tile } = product;
  const core = coreFor(product);
  return {
    reads: [a.read, b.read, ...reads],
    writes: [write],
    groupThreads: core.threads,
    directives: core.directives,
    declarations: `
${core.declarations}
${reader("A", a, rows)}
${reader("B", b, `${columns}u`)}
fn place(z: u32, outer: u32) -> u32 { ${product.place ?? `return z * ${rows} + outer;`} }
${writer(product)}`,
    body: `
  let across = ${Math.ceil(columns / tile.columns)}u;
  let down = (${rows} + ${tile.rows - 1}u) / ${tile.rows}u;
  let columnStart = (group % across) * ${tile.columns}u;
  let rowStart = ((group / across) % down) * ${tile.rows}u;
  let z = group / across / down;
  if (z >= ${count}) { return; }
  let first = ${first};
  let end = ${end};
${core.begin}
  for (var k0 = first; k0 < end; k0 += ${depth}u) {
${fill("A", a, tile.rows, core)}
${fill("B", b, tile.columns, core)}
    workgroupBarrier();
${core.multiply}
    workgroupBarrier();
  }
${core.store}`,
  };
}

function coreFor(product: Product): Core {
  const { tile, subgroupMatrix } = product;
  return subgroupMatrix && fitsTile(subgroupMatrix, tile)
    ? matrixCore(tile, subgroupMatrix)
    : registerCore(tile);
}

/** Reads four neighbours; what lies outside the matrix is zero. */
function reader(name: "A" | "B", { code, along, wide }: Factor, outers: string): string {
  const one = `fn at${name}(z: u32, outer: u32, k: u32) -> ${wide ? "vec4f" : "f32"} { ${code} }`;
  if (wide) {
    return `${one}
fn four${name}(z: u32, outer: u32, k: u32, end: u32) -> vec4f {
  if (outer >= ${outers} || k >= end) { return vec4f(); }
  return at${name}(z, outer, k);
}`;
  }
  const [outer, k] = along === "k" ? ["outer", "k + i"] : ["outer + i", "k"];
  return `${one}
fn four${name}(z: u32, outer: u32, k: u32, end: u32) -> vec4f {
  var v = vec4f();
  for (var i = 0u; i < 4u; i++) {
    if (${outer} < ${outers} && ${k} < end) { v[i] = at${name}(z, ${outer}, ${k}); }
  }
  return v;
}`;
}

/** Fills a tile by blocks of 4x4: rows of k, and along them vectors of four neighbours of the other index. */
function fill(name: "A" | "B", { along }: Factor, length: number, { threads, put }: Core): string {
  const [vectors, depths] = [length / 4, depth / 4];
  const start = name === "A" ? "rowStart" : "columnStart";
  const split =
    along === "k"
      ? `let kBlock = i % ${depths}u; let block = i / ${depths}u;`
      : `let block = i % ${vectors}u; let kBlock = i / ${vectors}u;`;
  const reads = [0, 1, 2, 3].map((j) =>
    along === "k"
      ? `let v${j} = four${name}(z, outer + ${j}u, k, end);`
      : `let v${j} = four${name}(z, outer, k + ${j}u, end);`,
  );
  const stores = [0, 1, 2, 3].map((j) => {
    const value = along === "k" ? `vec4f(v0[${j}], v1[${j}], v2[${j}], v3[${j}])` : `v${j}`;
    return put(name, `(kBlock * 4u + ${j}u) * ${vectors}u + block`, value);
  });
  return `    for (var i = local; i < ${vectors * depths}u; i += ${threads}u) {
      ${split}
      let outer = ${start} + block * 4u;
      let k = k0 + kBlock * 4u;
      ${[...reads, ...stores].join("\n      ")}
    }`;
}

/** Ends four neighbouring sums and stores them. */
function writer({ a, b, write, rows, columns, epilogue = "" }: Product): string {
  const scale = a.read.scale * b.read.scale;
  const unscaled = (sum: string) => (scale === 1 ? sum : `${sum} * ${real(1 / scale)}`);
  const head = `fn put(z: u32, row: u32, column: u32, sum: vec4f) {
  if (row >= ${rows}) { return; }
  let pixel = place(z, row);
  if (pixel == 0xffffffffu) { return; }`;
  if (columns % 4 === 0) {
    return `${head}
  if (column >= ${columns}u) { return; }
  let channel = column / 4u;
  let at = pixel * ${columns / 4}u + channel;
  var r = ${unscaled("sum")};
  ${epilogue}
  ${write.put("at", "r")}
}`;
  }
  return `${head}
  for (var i = 0u; i < 4u; i++) {
    let channel = column + i;
    if (channel >= ${columns}u) { return; }
    let at = pixel * ${columns}u + channel;
    var r = ${unscaled("sum[i]")};
    ${epilogue}
    ${write.put("at", "r")}
  }
}`;
}
