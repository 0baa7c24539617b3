/**
 * Writes the interpreter of pointwise expressions (packages/nin-net/src/ops/pointwise/): one loop over a block of
 * elements for each operation, and a switch over their numbers, which are those of `operationNames`. Blocks are small
 * enough to stay in the first cache between operations (numexpr works in this way).
 *
 * exp, log and tanh are Cephes' polynomials for float32 (Moshier 1989; www.netlib.org/cephes), with multiply and add as
 * two operations, so that every element has the same bits on every processor. Largest errors found by test: see
 * test/ops/pointwise/accuracy.test.ts.
 */
import { mkdirSync, writeFileSync } from "node:fs";

const { operationNames } = await import("../dist/backends/wasm/operations.js");
const { scalarOps } = await import("../dist/ops/pointwise/scalar-ops.js");

const ones = "f32x4.splat(1)";
const bit = (comparison) => `v128.and(${comparison}, ${ones})`;

/** Four elements of the result, from four of each operand. */
const vectors = {
  add: "f32x4.add(a, b)",
  sub: "f32x4.sub(a, b)",
  mul: "f32x4.mul(a, b)",
  div: "f32x4.div(a, b)",
  max: "f32x4.max(a, b)",
  min: "f32x4.min(a, b)",
  neg: "f32x4.neg(a)",
  abs: "f32x4.abs(a)",
  sqrt: "f32x4.sqrt(a)",
  exp: "exponential(a)",
  log: "logarithm(a)",
  tanh: "hyperbolicTangent(a)",
  sigmoid: "logistic(a)",
  greater: bit("f32x4.gt(a, b)"),
  greaterEqual: bit("f32x4.ge(a, b)"),
  equal: bit("f32x4.eq(a, b)"),
  where: "v128.bitselect(c, b, f32x4.eq(a, f32x4.splat(0)))",
  subMul: "f32x4.mul(f32x4.sub(a, b), c)",
  mulAdd: "f32x4.add(f32x4.mul(a, b), c)",
  larger: "f32x4.pmax(b, a)",
};

for (const name of operationNames) {
  if (!(name in vectors)) throw new Error(`expressions.mjs: no vector operation for ${name}`);
}

const operandsOf = (vector) => ["a", "b", "c"].filter((name) => new RegExp(`\\b${name}\\b`).test(vector));

function loop(name) {
  const vector = vectors[name];
  const operands = operandsOf(vector);
  const half = (number) => vector.replaceAll(/\b([abc])\b/g, `$1${number}`);
  const load = (number) =>
    operands
      .map((operand) => `const ${operand}${number} = v128.load(${operand} + i, ${16 * number});`)
      .join(" ");
  const store = (number) => `v128.store(to + i, ${half(number)}, ${16 * number});`;
  // Two vectors side by side, which V8 joins if loads come before stores. It ends the process where it tries to join
  // what it cannot, as Node 26 does some conversions and shifts of long operations.
  const lines = scalarOps[name]?.isLong
    ? [load(0), store(0), load(1), store(1)]
    : [
        load(0),
        load(1),
        `const y0 = ${half(0)}, y1 = ${half(1)};`,
        "v128.store(to + i, y0); v128.store(to + i, y1, 16);",
      ];
  return `
function ${name}Block(to: usize, ${operands.map((operand) => `${operand}: usize, `).join("")}bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    ${lines.join("\n    ")}
  }
}
`;
}

const cases = operationNames.map((name, number) => {
  const operands = operandsOf(vectors[name]);
  return `    case ${number}:\n      ${name}Block(to, ${operands.map((operand) => `${operand}, `).join("")}bytes);\n      return;`;
});

const splat = (value) => `f32x4.splat(${value})`;
/** Horner's scheme in x, the highest power first. */
const polynomial = (coefficients, x) =>
  coefficients
    .slice(1)
    .reduce((sum, value) => `f32x4.add(f32x4.mul(${sum}, ${x}), ${splat(value)})`, splat(coefficients[0]));

const source = `// Written by packages/nin-net/assembly/expressions.mjs.

/** e to the power of x: 2^n e^r with r in +-log(2)/2. */
function exponential(given: v128): v128 {
  const x = f32x4.max(f32x4.min(given, ${splat(128)}), ${splat(-150)});
  const n = f32x4.nearest(f32x4.mul(x, ${splat(Math.LOG2E)}));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, ${splat(0.693359375)})), f32x4.mul(n, ${splat(-2.1219444e-4)}));
  const p = ${polynomial([1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1], "r")};
  const y = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), ${ones});
  // In two factors, so that neither overflows where the result does not.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** 2 to the power of n, for n from -126 to 127. */
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** Natural logarithm: n log(2) + log(1 + r) with 1 + r in sqrt(1/2) to sqrt(2). */
function logarithm(given: v128): v128 {
  const tiny = f32x4.lt(given, ${splat(1.17549435e-38)});
  const x = v128.bitselect(f32x4.mul(given, ${splat(8388608)}), given, tiny);
  // x = m 2^n with m in 1/2 to 1
  let n = i32x4.sub(i32x4.shr_u(x, 23), v128.bitselect(i32x4.splat(149), i32x4.splat(126), tiny));
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, ${splat(Math.SQRT1_2)});
  n = i32x4.add(n, low); // the mask is -1
  m = f32x4.add(m, v128.and(m, low));
  const r = f32x4.sub(m, ${ones});
  const z = f32x4.mul(r, r);
  const exponent = f32x4.convert_i32x4_s(n);
  const p = ${polynomial(
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
    "r",
  )};
  let y = f32x4.add(f32x4.mul(f32x4.mul(p, r), z), f32x4.mul(exponent, ${splat(-2.1219444e-4)}));
  y = f32x4.sub(y, f32x4.mul(z, ${splat(0.5)}));
  y = f32x4.add(f32x4.add(r, y), f32x4.mul(exponent, ${splat(0.693359375)}));
  y = v128.bitselect(${splat("<f32>Infinity")}, y, f32x4.eq(given, ${splat("<f32>Infinity")}));
  y = v128.bitselect(${splat("-<f32>Infinity")}, y, f32x4.eq(given, f32x4.splat(0)));
  return v128.bitselect(y, ${splat("<f32>NaN")}, f32x4.ge(given, f32x4.splat(0)));
}

/** A polynomial near 0, else 1 - 2 / (e^(2 |x|) + 1) with the sign of x. */
function hyperbolicTangent(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  const p = ${polynomial([-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1], "z")};
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const power = exponential(f32x4.add(size, size));
  const far = f32x4.sub(${ones}, f32x4.div(${splat(2)}, f32x4.add(power, ${ones})));
  // Both have the sign of x but for -0.
  const sign = v128.and(x, i32x4.splat(<i32>0x80000000));
  return v128.or(v128.bitselect(near, far, f32x4.lt(size, ${splat(0.625)})), sign);
}

/** 1 / (1 + e^-x), from e^-|x|, which cannot overflow. */
function logistic(x: v128): v128 {
  const power = exponential(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(${ones}, power, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(power, ${ones}));
}
${operationNames.map(loop).join("")}
/** Runs operation \`number\` over blocks; their length is a multiple of 32 bytes. */
export function runOperation(number: i32, to: usize, a: usize, b: usize, c: usize, bytes: usize): void {
  switch (number) {
${cases.join("\n")}
  }
}
`;

const folder = new URL("../../../build/assembly/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("expressions.ts", folder), source);
