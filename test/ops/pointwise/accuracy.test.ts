/** The CPU's exp, log, tanh and sigmoid in float32 against those of float64, over their whole range. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device } from "#nin-net/backends/backend.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { input } from "#nin-net/graph/node.js";
import type { Expression } from "#nin-net/ops/pointwise/expression.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { wideSimd } from "../../backends/wide-simd.js";

async function compute(
  device: Device,
  build: (x: Expression) => Expression,
  data: Float32Array,
): Promise<Float32Array> {
  const op = definePointwise("f", build);
  using state = await device.createState({});
  using program = device.compile((images) => {
    const x = input("x", [images], "f32", "slice");
    return { outputs: { y: op(x) }, updates: new Map() };
  }, state);
  const { y } = await program.run({ x: { shape: [data.length], dtype: "f32", data } });
  return y!.data as Float32Array;
}

/** Distance between a float32 and the exact value, in units in the last place. */
function ulps(got: number, exact: number): number {
  const size = Math.max(Math.abs(exact), 2 ** -126);
  return Math.abs(got - exact) / 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** Evenly spread float32 numbers. */
const between = (from: number, to: number, count = 200_003) =>
  Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

const functions = {
  exp: {
    build: (x) => x.exp(),
    exact: Math.exp,
    ranges: [
      [-87, 88.7],
      [-1, 1],
    ],
    allowed: 1.5,
  },
  log: {
    build: (x) => x.log(),
    exact: Math.log,
    ranges: [
      [1e-30, 1e3],
      [0.5, 2],
      [1e-38, 1e38],
      [1e-44, 1e-38],
    ],
    allowed: 1.5,
  },
  tanh: {
    build: (x) => x.tanh(),
    exact: Math.tanh,
    ranges: [
      [-10, 10],
      [-0.7, 0.7],
      [-1e-3, 1e-3],
    ],
    allowed: 2,
  },
  sigmoid: {
    build: (x) => x.sigmoid(),
    exact: (x) => 1 / (1 + Math.exp(-x)),
    ranges: [
      [-87, 30],
      [-2, 2],
    ],
    allowed: 2.5,
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      build: (x: Expression) => Expression;
      exact: (x: number) => number;
      ranges: readonly (readonly [number, number])[];
      allowed: number;
    }
  >
>;

for (const [name, { build, exact, ranges, allowed }] of Object.entries(functions)) {
  test(`${name} is off by at most ${allowed} units in the last place`, async () => {
    using device = await openWasm({ threads: 1, simd: "128" });
    for (const [from, to] of ranges) {
      const x = between(from, to);
      const y = await compute(device, build, x);
      let worst = { off: 0, at: 0 };
      x.forEach((value, i) => {
        const off = ulps(y[i]!, exact(value));
        if (!(off <= worst.off)) worst = { off, at: value };
      });
      assert.ok(worst.off <= allowed, `${name}(${worst.at}) is off by ${worst.off} units`);
    }
  });
}

test("limits, infinities and NaN are those of float64", async () => {
  using device = await openWasm({ threads: 1, simd: "128" });
  const x = Float32Array.of(0, -0, 1, -1, 89, -104, -120, Infinity, -Infinity, NaN, 1e-40, 3e38, -3e38);
  for (const [name, { build, exact }] of Object.entries(functions)) {
    const y = await compute(device, build, x);
    x.forEach((value, i) => {
      const want = Math.fround(exact(value));
      if (Math.abs(want) < 2 ** -126 && name !== "tanh")
        assert.ok(Math.abs(y[i]! - want) < 2 ** -140, `${name}(${value}) is ${y[i]}`);
      else
        assert.ok(
          Object.is(y[i], want) || Math.abs(y[i]! / want - 1) < 1e-6,
          `${name}(${value}) is ${y[i]}, not ${want}`,
        );
    });
  }
});

test("the same bits with any number of threads and any width of vectors", async () => {
  const build = (x: Expression) => x.exp().log().add(x.tanh()).sub(x.sigmoid().sqrt());
  const x = between(-20, 20, 3 * 32768 + 515);
  using one = await openWasm({ threads: 1, simd: "128" });
  using many = await openWasm({ threads: 3, simd: wideSimd });
  assert.deepEqual(await compute(many, build, x), await compute(one, build, x));
});
