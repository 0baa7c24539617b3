/**
 * Writes Winograd's one-dimensional transforms as straight lines of vector operations, from the matrices in
 * packages/nin-net/src/ops/winograd/matrices.ts. Two sweeps of one make the two-dimensional transform. A sweep is `count`
 * transforms: the inputs of each lie `step` bytes apart from `from` on, four channels each (eight, in two vectors side by
 * side that V8 can join, if the function's name ends in "Wide"), its outputs `toStep` apart from `to` on; the next one
 * reads `next` and writes `toNext` bytes further on.
 *
 * Points come in pairs a and -a, so rows (or columns) of the matrices come in pairs that differ only in the sign of
 * every other entry: what they share is computed once.
 */
import { mkdirSync, writeFileSync } from "node:fs";

const { transpose, winogradMatrices, winogradTiles } = await import("../dist/ops/winograd/matrices.js");

const range = (n) => [...Array(n).keys()];

/** The sum of coefficients times names, as an expression; undefined for an empty sum. */
function sum(coefficients, name) {
  const terms = coefficients.map((value, i) => [value, name(i)]).filter(([value]) => value !== 0);
  // Multiplied by 1 it costs nothing where it comes first.
  const first = terms.findIndex(([value]) => value === 1);
  if (first > 0) terms.unshift(...terms.splice(first, 1));
  return terms.reduce((total, [value, x]) => {
    if (total === undefined)
      return value === 1 ? x : value === -1 ? `f32x4.neg(${x})` : `f32x4.mul(${x}, f32x4.splat(${value}))`;
    if (value === 1) return `f32x4.add(${total}, ${x})`;
    if (value === -1) return `f32x4.sub(${total}, ${x})`;
    return `madd(${x}, f32x4.splat(${value}), ${total})`;
  }, undefined);
}

const parity = (row, rest) => row.map((value, i) => (i % 2 === rest ? value : 0));

/** The row that equals `row` but for the sign of its odd entries. */
function partner(matrix, at) {
  const mirrored = matrix[at].map((value, i) => (i % 2 === 0 ? value : -value));
  return matrix.findIndex((row, i) => i > at && row.every((value, k) => value === mirrored[k]));
}

/** y = M x, pairs of rows sharing their even and odd parts. */
function byRows(matrix, x = "x") {
  const done = new Set();
  const lines = [];
  for (const at of range(matrix.length)) {
    if (done.has(at)) continue;
    const other = partner(matrix, at);
    const even = sum(parity(matrix[at], 0), (i) => `${x}${i}`);
    const odd = sum(parity(matrix[at], 1), (i) => `${x}${i}`);
    if (other < 0 || even === undefined || odd === undefined) {
      lines.push(`const y${at} = ${sum(matrix[at], (i) => `${x}${i}`)};`);
      continue;
    }
    done.add(other);
    lines.push(`const even${at} = ${even}, odd${at} = ${odd};`);
    lines.push(`const y${at} = f32x4.add(even${at}, odd${at}), y${other} = f32x4.sub(even${at}, odd${at});`);
  }
  return lines;
}

/**
 * y = B^T x. Where the last point p is not one of a pair, its factor, by which all rows but its own are multiples of
 * those of the other points, is applied first: w_k = x_(k + 1) - p x_k.
 */
function byPoints(outputs, taps) {
  const { inputs, size, lastPoint } = winogradMatrices(outputs, taps);
  if (size % 2 === 0) return byRows(inputs);
  const others = winogradMatrices(outputs - 1, taps).inputs;
  const [own, infinity] = [size - 2, size - 1];
  return [
    ...range(size - 1).map((k) => `const w${k} = ${sum([-lastPoint, 1], (i) => `x${k + i}`)};`),
    ...byRows(others, "w").map((line) => line.replaceAll(new RegExp(`\\by${own}\\b`, "g"), `y${infinity}`)),
    `const y${own} = ${sum(others.at(-1), (i) => `x${i}`)};`,
  ];
}

/** y = M x where pairs of columns agree in even rows and are opposite in odd ones: their sums and differences are shared. */
function byColumns(matrix) {
  const columns = transpose(matrix);
  const lines = [];
  const even = [];
  const odd = [];
  const done = new Set();
  for (const at of range(columns.length)) {
    if (done.has(at)) continue;
    const other = partner(columns, at);
    if (other < 0) {
      even.push([columns[at], `x${at}`]);
      odd.push([columns[at], `x${at}`]);
      continue;
    }
    done.add(other);
    lines.push(
      `const sum${at} = f32x4.add(x${at}, x${other}), difference${at} = f32x4.sub(x${at}, x${other});`,
    );
    even.push([columns[at], `sum${at}`]);
    odd.push([columns[at], `difference${at}`]);
  }
  matrix.forEach((_, row) => {
    const terms = row % 2 === 0 ? even : odd;
    lines.push(
      `const y${row} = ${sum(
        terms.map(([column]) => column[row]),
        (i) => terms[i][1],
      )};`,
    );
  });
  return lines;
}

/** Writes every line twice, for two vectors, the two beside each other. */
function twice(line) {
  const second = (text) => text.replaceAll(/\b(x|w|y|even|odd|sum|difference)(\d+)\b/g, "$1$2b");
  return `${line} ${second(line)}`;
}

/**
 * Numbers that lines multiply by, loaded from memory before the loop that they stand in: V8 would make each again and
 * again, in several instructions.
 */
function withConstants(lines) {
  const splat = /f32x4\.splat\(([-.\d]+)\)/g;
  const values = [...new Set(lines.flatMap((line) => [...line.matchAll(splat)].map(([, value]) => value)))];
  return {
    values,
    loads: values.map((_, i) => `const k${i} = v128.load32_splat(constants, ${4 * i});`),
    body: lines.map((line) => line.replaceAll(splat, (_, value) => `k${values.indexOf(value)}`)),
  };
}

function transform(name, matrix, lines) {
  const inputs = matrix[0].length;
  const { values, loads, body } = withConstants(lines);
  const at = (base, i, step) => (i === 0 ? base : `${base} + ${i} * ${step}`);
  const functionOf = (suffix, each) => `
export function ${name}${suffix}(count: i32, from: usize, step: usize, next: usize, to: usize, toStep: usize, toNext: usize): void {
  ${loads.length > 0 ? `const constants = ${name}Constants;` : ""}
  ${loads.join("\n  ")}
  for (; count > 0; count--) {
    ${each.join("\n    ")}
    from += next; to += toNext;
  }
}
`;
  return `
${values.length > 0 ? `const ${name}Constants = memory.data<f32>([${values.join(", ")}]);` : ""}
${functionOf("", [
  ...range(inputs).map((i) => `const x${i} = v128.load(${at("from", i, "step")});`),
  ...body,
  ...matrix.map((_, i) => `v128.store(${at("to", i, "toStep")}, y${i});`),
])}${functionOf("Wide", [
  ...range(inputs).map(
    (i) =>
      `const x${i} = v128.load(${at("from", i, "step")}), x${i}b = v128.load(${at("from", i, "step")}, 16);`,
  ),
  ...body.map(twice),
  ...matrix.map(
    (_, i) =>
      `v128.store(${at("to", i, "toStep")}, y${i}); v128.store(${at("to", i, "toStep")}, y${i}b, 16);`,
  ),
])}`;
}

function transforms([outputs, taps]) {
  const { inputs, outputs: at, weights } = winogradMatrices(outputs, taps);
  const suffix = `${outputs}x${taps}`;
  return [
    transform(`inputs${suffix}`, inputs, byPoints(outputs, taps)),
    transform(`outputs${suffix}`, at, byColumns(at)),
    transform(`spread${suffix}`, transpose(at), byRows(transpose(at))),
    transform(`weights${suffix}`, weights, byRows(weights)),
    transform(`collect${suffix}`, transpose(weights), byColumns(transpose(weights))),
  ].join("");
}

/** Chooses the transform of a tile and a kernel; of two vectors at once where there are \`bytes` of channels for them. */
function choice(name) {
  const call = (suffix, wide) => `${name}${suffix}${wide}(count, from, step, next, to, toStep, toNext)`;
  const cases = winogradTiles.map(([outputs, taps]) => {
    const suffix = `${outputs}x${taps}`;
    return `  if (tile == ${outputs} && kernel == ${taps}) {
    if (bytes == 32) ${call(suffix, "Wide")};
    else ${call(suffix, "")};
    return;
  }`;
  });
  const given =
    "tile: i32, kernel: i32, bytes: usize, count: i32, from: usize, step: usize, next: usize, to: usize, toStep: usize, toNext: usize";
  return `
export function ${name}(${given}): void {
${cases.join("\n")}
}
`;
}

const lengths = [
  ...new Set(winogradTiles.flatMap(([outputs, taps]) => [outputs, outputs + taps - 1])),
].sort();

/** One row of a matrix times the rows of a tile: weights stay in registers for all of its columns. */
function combine(rows, wide) {
  const weight = (i) => `const w${i} = v128.load32_splat(weights, ${4 * i});`;
  const load = (i, half) => `v128.load(${i === 0 ? "from" : `from + ${i} * rowStep`}${half ? ", 16" : ""})`;
  const multiplied = (i, half) => {
    const value = `sum${i - 1}${half}`;
    return `const sum${i}${half} = ${i === 0 ? `f32x4.mul(${load(i, half)}, w${i})` : `madd(${load(i, half)}, w${i}, ${value})`};`;
  };
  const halves = wide ? ["", "b"] : [""];
  return `
function combine${rows}${wide ? "Wide" : ""}(from: usize, rowStep: usize, columnStep: usize, weights: usize, columns: i32, to: usize): void {
  ${range(rows).map(weight).join(" ")}
  for (; columns > 0; columns--) {
    ${range(rows)
      .map((i) => halves.map((half) => multiplied(i, half)).join(" "))
      .join("\n    ")}
    ${halves.map((half) => `v128.store(to, sum${rows - 1}${half}${half ? ", 16" : ""});`).join(" ")}
    from += columnStep; to += ${wide ? 32 : 16};
  }
}
`;
}

/** Chooses by the number of rows, and of vectors as above. */
const combinations = `${lengths.flatMap((rows) => [combine(rows, false), combine(rows, true)]).join("")}
export function combineRows(rows: i32, bytes: usize, from: usize, rowStep: usize, columnStep: usize, weights: usize, columns: i32, to: usize): void {
  switch (rows) {
${lengths
  .map((rows) => {
    const call = (wide) => `combine${rows}${wide}(from, rowStep, columnStep, weights, columns, to);`;
    return `    case ${rows}: if (bytes == 32) ${call("Wide")} else ${call("")} break;`;
  })
  .join("\n")}
  }
}
`;

const folder = new URL("../../../build/assembly/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("winograd-transforms.ts", folder),
  `// Written by packages/nin-net/assembly/winograd-transforms.mjs.

function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
${winogradTiles.map(transforms).join("")}${["inputs", "outputs", "spread", "weights", "collect"].map(choice).join("")}${combinations}`,
);
