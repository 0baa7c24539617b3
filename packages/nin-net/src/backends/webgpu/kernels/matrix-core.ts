/**
 * Tensor cores, which WebGPU calls subgroup matrices: four subgroups share a tile, two by two, and each keeps its part
 * of the sums as small float32 matrices; the factors are rounded to 16 bits.
 *
 * @see https://dawn.googlesource.com/dawn/+/refs/heads/main/docs/dawn/features/subgroup_matrix.md
 */
import type { SubgroupMatrix } from "../tensor-cores.ts";
import { type Core, depth, indices, type Tile } from "./core.ts";

/** Whether whole small matrices make up each subgroup's part of the tile. */
export function fitsTile({ m, n, k }: SubgroupMatrix, { rows, columns }: Tile): boolean {
  return rows % (2 * m) === 0 && columns % (2 * n) === 0 && depth % k === 0 && (m * n) % 4 === 0;
}

export function matrixCore(tile: Tile, shape: SubgroupMatrix): Core {
  const { m, n, k, threads } = shape;
  const [down, across] = [tile.rows / 2 / m, tile.columns / 2 / n];
  const grid = indices(down).flatMap((i) => indices(across).map((j) => [i, j] as const));
  const lefts = indices(down).map((i) => `let left${i} = loadLeft(k * ${tile.rows}u + partRow + ${i * m}u);`);
  const rights = indices(across).map(
    (j) => `let right${j} = loadRight(k * ${tile.columns}u + partColumn + ${j * n}u);`,
  );
  const products = grid.map(([i, j]) => `sum${i}_${j} = multiplyAdd(left${i}, right${j}, sum${i}_${j});`);
  const stores = grid.map(
    ([i, j]) => `storeSum(part * ${m * n}u, sum${i}_${j});
  workgroupBarrier();
  for (var i = local % ${threads}u; i < ${(m * n) / 4}u; i += ${threads}u) {
    let at = part * ${m * n}u + 4u * i;
    let row = rowStart + partRow + ${i * m}u + i / ${n / 4}u;
    let column = columnStart + partColumn + ${j * n}u + 4u * (i % ${n / 4}u);
    put(z, row, column, vec4f(ends[at], ends[at + 1u], ends[at + 2u], ends[at + 3u]));
  }
  workgroupBarrier();`,
  );
  const isPlain = threads === 1;
  return {
    threads: 4 * threads,
    directives: isPlain ? [] : subgroupDirectives,
    declarations: `${isPlain ? plainMatrices(shape, tile) : subgroupMatrices(shape, tile)}
var<workgroup> tileA: array<Half, ${tile.rows * depth}>;
var<workgroup> tileB: array<Half, ${tile.columns * depth}>;
var<workgroup> ends: array<f32, ${4 * m * n}>;`,
    put: (name, index, value) => {
      const elements = [0, 1, 2, 3].map((e) => `tile${name}[at + ${e}u] = Half(v[${e}]);`);
      return `{ let at = 4u * (${index}); let v = ${value}; ${elements.join(" ")} }`;
    },
    begin: `  let part = local / ${threads}u;
  let partRow = part / 2u * ${tile.rows / 2}u;
  let partColumn = part % 2u * ${tile.columns / 2}u;
${grid.map(([i, j]) => `  var sum${i}_${j}: Sum;`).join("\n")}`,
    multiply: `    for (var k = 0u; k < ${depth}u; k += ${k}u) {
      ${[...lefts, ...rights, ...products].join("\n      ")}
    }`,
    store: `  ${stores.join("\n  ")}`,
  };
}

const subgroupDirectives = [
  "enable f16",
  "enable subgroups",
  "enable chromium_experimental_subgroup_matrix",
  // Each subgroup has its part of a tile: its place follows from the thread's, which compilers do not see.
  "diagnostic(off, chromium.subgroup_matrix_uniformity)",
];

function subgroupMatrices({ m, n, k }: SubgroupMatrix, { rows, columns }: Tile): string {
  return `
alias Half = f16;
alias Left = subgroup_matrix_left<f16, ${k}, ${m}>;
alias Right = subgroup_matrix_right<f16, ${n}, ${k}>;
alias Sum = subgroup_matrix_result<f32, ${n}, ${m}>;
fn loadLeft(at: u32) -> Left { return subgroupMatrixLoad<Left, col_major>(&tileA, at, ${rows}); }
fn loadRight(at: u32) -> Right { return subgroupMatrixLoad<Right, row_major>(&tileB, at, ${columns}); }
fn multiplyAdd(a: Left, b: Right, sum: Sum) -> Sum { return subgroupMatrixMultiplyAccumulate(a, b, sum); }
fn storeSum(at: u32, sum: Sum) { subgroupMatrixStore<row_major>(&ends, at, sum, ${n}); }`;
}

/** The same where one thread is a whole subgroup, on any GPU: for tests of everything around the small matrices. */
function plainMatrices({ m, n, k }: SubgroupMatrix, { rows, columns }: Tile): string {
  return `
alias Half = f32;
alias Left = array<f32, ${m * k}>;
alias Right = array<f32, ${k * n}>;
alias Sum = array<f32, ${m * n}>;
fn loadLeft(at: u32) -> Left {
  var a: Left;
  for (var i = 0u; i < ${m}u; i++) { for (var l = 0u; l < ${k}u; l++) { a[i * ${k}u + l] = tileA[at + l * ${rows}u + i]; } }
  return a;
}
fn loadRight(at: u32) -> Right {
  var b: Right;
  for (var l = 0u; l < ${k}u; l++) { for (var j = 0u; j < ${n}u; j++) { b[l * ${n}u + j] = tileB[at + l * ${columns}u + j]; } }
  return b;
}
fn multiplyAdd(a: Left, b: Right, before: Sum) -> Sum {
  var sum = before;
  for (var i = 0u; i < ${m}u; i++) {
    for (var j = 0u; j < ${n}u; j++) {
      for (var l = 0u; l < ${k}u; l++) { sum[i * ${n}u + j] += a[i * ${k}u + l] * b[l * ${n}u + j]; }
    }
  }
  return sum;
}
fn storeSum(at: u32, sum: Sum) {
  for (var i = 0u; i < ${m * n}u; i++) { ends[at + i] = sum[i]; }
}`;
}
