/**
 * Writes the micro-kernels: the innermost loops of every matrix product, in AssemblyScript.
 *
 * A micro-kernel keeps a tile of R rows by W columns of the result in registers. For each k it loads W values of
 * B (W/4 vectors), broadcasts R values of A and does R W/4 multiply-adds. Shapes, GFLOP/s of one thread on an
 * EPYC (Zen 4):
 *
 *   6x16  105 where V8 joins pairs of 128-bit operations into 256-bit ones (Node 24 and later, asked for)
 *   6x8    55 with 128-bit operations, Node 26
 *   4x8    53 with 128-bit operations, Node 20 and 22, whose register allocator spills 6x8 (26)
 *
 * The generated functions are exported so that they stay functions of
 * their own: inlined into their loop nests, V8 spills the accumulators. For V8 to join vector operations, those
 * of one row must stand side by side, loads before stores.
 */
import { mkdirSync, writeFileSync } from "node:fs";

const { microKernelBytes } = await import("../dist/backends/wasm/kernel-constants.js");

const shapes = [
  [6, 16],
  [6, 8],
  [4, 8],
];

/** Kernels of all numbers of rows up to the largest tile of this width: for the rows that are left over. */
const mostRows = (W) => Math.max(...shapes.filter(([, width]) => width === W).map(([R]) => R));

/** Values of k that a column product takes at a time: its packed rows stay in the first-level cache. */
const longestColumn = 128;
const mostColumnRows = 48;
/** Scratch: a tile, then what a column product has packed. */
const tileBytes = 1024;

const range = (n) => [...Array(n).keys()];
/** `text(0) text(1) ...` */
const each = (n, text, separator = " ") => range(n).map(text).join(separator);

const accumulators = (R, v, start) =>
  each(R, (r) => `let ${each(v, (j) => `c${r}_${j} = ${start(j)}`, ", ")};`, "\n  ");

const multiplyAdds = (R, v) =>
  each(
    R,
    (r) =>
      `x = v128.load_splat<f32>(${"A"}${r}); ${each(v, (j) => `c${r}_${j} = madd(x, b${j}, c${r}_${j});`)}`,
    "\n      ",
  );

/** A has its rows `rowStride` apart and k contiguous; B is packed: W values for each k, k after k. */
function rowProduct(R, W, kind) {
  const v = W / 4;
  const masked = kind === "masked";
  return `
export function ${kind}${R}x${W}(a: usize, rowStride: usize, segments: i32, segmentStride: usize, length: usize, b: usize, c: usize, ldc: usize, ${masked ? "mask: usize" : "start: usize, floor: f32"}): void {
  ${masked ? "" : `const ${each(v, (j) => `s${j} = v128.load(start, ${16 * j})`, ", ")};`}
  ${accumulators(R, v, (j) => (masked ? "f32x4.splat(0)" : `s${j}`))}
  for (; segments > 0; segments--) {
    ${each(R, (r) => `let a${r} = a + ${r} * rowStride;`)}
    const end = a0 + length;
    while (a0 < end) {
      const ${each(v, (j) => `b${j} = v128.load(b, ${16 * j})`, ", ")};
      let x: v128;
      ${multiplyAdds(R, v).replaceAll(/A(\d)/g, "a$1")}
      ${each(R, (r) => `a${r} += 4;`)}
      b += ${4 * W};
    }
    a += segmentStride;
  }
  const f = f32x4.splat(${masked ? "0" : "floor"});
  ${each(
    R,
    (r) =>
      `{ ${masked ? `const ${each(v, (j) => `m${j} = v128.load(mask, ${16 * j})`, ", ")};` : ""} ${each(
        v,
        (j) => {
          const value = masked ? `v128.and(c${r}_${j}, f32x4.lt(f, m${j}))` : `f32x4.pmax(c${r}_${j}, f)`;
          return `v128.store(c, ${value}, ${16 * j});`;
        },
      )} c += ldc;${masked ? " mask += ldc;" : ""} }`,
    "\n  ",
  )}
}
`;
}

/** C += A^T B: for each k, a row of A gives R values and one of B gives W; rows are \`aStride\` and \`bStride\` apart. */
function columnProduct(R, W) {
  const v = W / 4;
  return `
export function column${R}x${W}(a: usize, aStride: usize, b: usize, bStride: usize, depth: i32, c: usize, ldc: usize): void {
  ${accumulators(R, v, () => "f32x4.splat(0)")}
  for (let k = 0; k < depth; k++) {
    const ${each(v, (j) => `b${j} = v128.load(b, ${16 * j})`, ", ")};
    let x: v128;
    ${multiplyAdds(R, v).replaceAll(/A(\d)/g, (_, r) => `a, ${4 * r}`)}
    a += aStride; b += bStride;
  }
  ${each(
    R,
    (r) =>
      `{ const ${each(v, (j) => `o${j} = v128.load(c, ${16 * j})`, ", ")}; ${each(v, (j) => `v128.store(c, f32x4.add(o${j}, c${r}_${j}), ${16 * j});`)} c += ldc; }`,
    "\n  ",
  )}
}
`;
}

const parameters =
  "a: usize, rowStride: usize, segments: i32, segmentStride: usize, length: usize, b: usize, c: usize, ldc: usize";
const passOn = "a, rowStride, segments, segmentStride, length, b";

/**
 * All rows of one panel of up to W columns, and the transposed product over all columns. Rows that are left over
 * get a kernel of fewer rows; the last R + 1 to 2 R - 1 rows are halved, since a kernel of one row waits for its own
 * sums. Fewer than W columns go through `tile`, R W floats of scratch, so that nothing is written beside them.
 */
function panels(R, W) {
  const take = `const take = rows >= ${2 * R} || rows == ${R} ? ${R} : rows > ${R} ? (rows + 1) >> 1 : rows;`;
  const byRows = (call) => `
    switch (take) {
${range(R)
  .map((r) => `      case ${r + 1}: ${call(r + 1)} break;`)
  .join("\n")}
    }`;
  return `
export function panel${R}x${W}(${parameters}, rows: i32, columns: i32, start: usize, floor: f32, mask: usize, tile: usize): void {
  while (rows > 0) {
    ${take}
    if (columns < ${W}) {${byRows((r) => `start${r}x${W}(${passOn}, tile, ${4 * W}, start, floor);`)}
      copyRows(tile, ${4 * W}, c, ldc, mask, take, columns);
    } else if (mask) {${byRows((r) => `masked${r}x${W}(${passOn}, c, ldc, mask);`)}
    } else {${byRows((r) => `start${r}x${W}(${passOn}, c, ldc, start, floor);`)}
    }
    rows -= take;
    a += <usize>take * rowStride; c += <usize>take * ldc;
    if (mask) mask += <usize>take * ldc;
  }
}

export function columnPanel${R}x${W}(a: usize, aStride: usize, b: usize, bStride: usize, length: i32, segments: i32, aSegment: usize, bSegment: usize, c: usize, ldc: usize, allRows: i32, columns: i32, scratch: usize): void {
  const packedB = scratch + tileBytes;
  const packedA = packedB + ${4 * W * longestColumn};
  const depth = length * segments;
  const packsA = segments > 1 || !spreads(aStride);
  if (packsA) {
    let to = packedA, row = a;
    for (let rows = allRows; rows > 0;) {
      ${take}${byRows((r) => `pack${r}(row, aStride, length, segments, aSegment, to);`)}
      rows -= take;
      row += 4 * <usize>take; to += 4 * <usize>(take * depth);
    }
  }
  for (let left = columns; left > 0; left -= ${W}) {
    const packsB = segments > 1 || left < ${W} || !spreads(bStride);
    if (packsB) pack${W}(b, bStride, length, segments, bSegment, packedB);
    const from = packsB ? packedB : b, bStep: usize = packsB ? <usize>${4 * W} : bStride;
    let p = packsA ? packedA : a, q = c;
    for (let rows = allRows; rows > 0;) {
      ${take}
      const aStep: usize = packsA ? <usize>4 * <usize>take : aStride;
      if (left < ${W}) {
        copyRows(q, ldc, scratch, ${4 * W}, 0, take, left);${byRows((r) => `column${r}x${W}(p, aStep, from, bStep, depth, scratch, ${4 * W});`)}
        copyRows(scratch, ${4 * W}, q, ldc, 0, take, left);
      } else {${byRows((r) => `column${r}x${W}(p, aStep, from, bStep, depth, q, ldc);`)}
      }
      rows -= take;
      p += 4 * <usize>(packsA ? take * depth : take); q += <usize>take * ldc;
    }
    b += ${4 * W}; c += ${4 * W};
  }
}
`;
}

/** Lays R neighbouring values of each k side by side: in place, they lie far apart and crowd the same cache sets. */
function pack(R) {
  // Whole vectors, the last one moved back so that it ends with the last value.
  const at = [...range(Math.floor(R / 4)).map((v) => 4 * v), ...(R % 4 === 0 ? [] : [R - 4])];
  const copies =
    R < 4
      ? each(R, (r) => `store<f32>(to, load<f32>(p, ${4 * r}), ${4 * r});`)
      : at.map((k) => `v128.store(to, v128.load(p, ${4 * k}), ${4 * k});`).join(" ");
  return `
function pack${R}(a: usize, aStride: usize, length: i32, segments: i32, aSegment: usize, to: usize): void {
  for (; segments > 0; segments--) {
    let p = a;
    for (let k = 0; k < length; k++) {
      ${copies}
      p += aStride; to += ${4 * R};
    }
    a += aSegment;
  }
}
`;
}

/** One entry for every shape; which one runs is chosen once, at start. */
function dispatch() {
  const cases = (call) => shapes.map(([R, W], i) => `    case ${i}: ${call(`${R}x${W}`)}; break;`).join("\n");
  return `
let shape: i32 = 0;

/** Chooses the tile shape: ${shapes.map(([R, W], i) => `${i} is ${R}x${W}`).join(", ")}. */
export function setShape(index: i32): void { shape = index; }

export function panel(${parameters}, rows: i32, columns: i32, start: usize, floor: f32, mask: usize, tile: usize): void {
  switch (shape) {
${cases((name) => `panel${name}(${passOn}, c, ldc, rows, columns, start, floor, mask, tile)`)}
  }
}

/**
 * C += A^T B over all k; \`segments * length\` is at most ${longestColumn}, unless there is but one segment. A block of
 * ${mostColumnRows} rows is packed at a time, and each panel of B, so that both stay in the first-level cache.
 */
export function columnPanels(a: usize, aStride: usize, b: usize, bStride: usize, length: i32, segments: i32, aSegment: usize, bSegment: usize, c: usize, ldc: usize, rows: i32, columns: i32, scratch: usize): void {
  for (let k = 0; k < length; k += ${longestColumn}) {
    const p = a + aStride * k, q = b + bStride * k;
    const part = length - k < ${longestColumn} ? length - k : ${longestColumn};
    for (let row = 0; row < rows; row += ${mostColumnRows}) {
      const some = rows - row < ${mostColumnRows} ? rows - row : ${mostColumnRows};
      const from = p + 4 * <usize>row, to = c + ldc * <usize>row;
      switch (shape) {
${cases((name) => `columnPanel${name}(from, aStride, q, bStride, part, segments, aSegment, bSegment, to, ldc, some, columns, scratch)`)}
      }
    }
  }
}

/** Columns of a tile, and so of a packed panel. */
export function panelWidth(): i32 {
  switch (shape) {
${shapes.map(([, W], i) => `    case ${i}: return ${W};`).join("\n")}
  }
  return 0;
}
`;
}

/** Rows of A and columns of B that are packed. */
const packs = [
  ...new Set([...range(Math.max(...shapes.map(([R]) => R))).map((r) => r + 1), ...shapes.map(([, W]) => W)]),
];

const neededBytes = tileBytes + 4 * longestColumn * (mostColumnRows + Math.max(...shapes.map(([, W]) => W)));
if (neededBytes !== microKernelBytes) {
  throw new Error(`microKernelBytes: got ${microKernelBytes}, the micro-kernels need ${neededBytes}.`);
}

const source = `// Written by packages/nin-net/assembly/micro-kernels.mjs.

/** Scratch that the functions below need. */
export const scratchBytes: usize = ${microKernelBytes};
const tileBytes: usize = ${tileBytes};

function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Whether lines of the cache so far apart fall into enough of its sets for a column of them to stay there. */
function spreads(stride: usize): bool {
  return (stride & 63) != 0 || (stride & 511) != 0;
}

/** Copies \`columns\` floats of each row; with a mask (laid out like the target) zero where it is not above zero. */
function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, mask: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < 4 * <usize>columns; j += 4) {
      store<f32>(to + j, mask == 0 || load<f32>(mask + j) > 0 ? load<f32>(from + j) : 0);
    }
    from += fromStride; to += toStride;
    if (mask) mask += toStride;
  }
}
${[...new Set(shapes.map(([, W]) => W))]
  .flatMap((W) => range(mostRows(W)).map((r) => [r + 1, W]))
  .map(([R, W]) => rowProduct(R, W, "start") + rowProduct(R, W, "masked") + columnProduct(R, W))
  .join("")}
${packs.map(pack).join("")}
${shapes.map(([R, W]) => panels(R, W)).join("")}
${dispatch()}`;

const folder = new URL("../../../build/assembly/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("micro-kernels.ts", folder), source);
