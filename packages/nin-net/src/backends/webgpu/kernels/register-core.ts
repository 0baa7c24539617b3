/** Float32 on any GPU: each thread keeps 4x4 to 8x8 sums in registers. */
import { type Core, depth, indices, type Tile } from "./core.ts";

export function registerCore(tile: Tile): Core {
  const across = tile.columns / tile.threadColumns;
  return {
    threads: (tile.rows / tile.threadRows) * across,
    directives: [],
    declarations: `var<workgroup> tileA: array<vec4f, ${(tile.rows * depth) / 4}>;
var<workgroup> tileB: array<vec4f, ${(tile.columns * depth) / 4}>;`,
    put: (name, index, value) => `tile${name}[${index}] = ${value};`,
    begin: `  let threadColumn = local % ${across}u;
  let threadRow = local / ${across}u;
${sums(tile)}`,
    multiply: `    for (var k = 0u; k < ${depth}u; k++) {
${multiply(tile)}
    }`,
    store: store(tile),
  };
}

function sums({ threadRows, threadColumns }: Tile): string {
  return indices(threadRows)
    .flatMap((i) => indices(threadColumns / 4).map((j) => `  var sum${i}_${j} = vec4f();`))
    .join("\n");
}

/** One step in k: a thread's vectors lie apart, so that neighbouring threads read neighbouring vectors. */
function multiply({ rows, columns, threadRows, threadColumns }: Tile): string {
  const as = indices(threadRows / 4).map(
    (i) => `let a${i} = tileA[k * ${rows / 4}u + ${(i * rows) / threadRows}u + threadRow];`,
  );
  const bs = indices(threadColumns / 4).map(
    (j) => `let b${j} = tileB[k * ${columns / 4}u + ${(j * columns) / threadColumns}u + threadColumn];`,
  );
  const products = indices(threadRows).flatMap((i) =>
    indices(threadColumns / 4).map((j) => `sum${i}_${j} += a${Math.floor(i / 4)}[${i % 4}] * b${j};`),
  );
  return `      ${[...as, ...bs, ...products].join("\n      ")}`;
}

function store({ rows, columns, threadRows, threadColumns }: Tile): string {
  return indices(threadRows)
    .flatMap((i) =>
      indices(threadColumns / 4).map((j) => {
        const row = `rowStart + (${(Math.floor(i / 4) * rows) / threadRows}u + threadRow) * 4u + ${i % 4}u`;
        const column = `columnStart + (${(j * columns) / threadColumns}u + threadColumn) * 4u`;
        return `  put(z, ${row}, ${column}, sum${i}_${j});`;
      }),
    )
    .join("\n");
}
