import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostTensor } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { joinOperations } from "#nin-net/backends/wasm/operations.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { type Graph, input, type Node, sizeOf, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { Expression, instructionsOf } from "#nin-net/ops/pointwise/expression.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { kernelsOf } from "./lowered.js";

const normalize = definePointwise("normalize", (x, sum, squares) =>
  x
    .sub(sum.mul(1 / 64))
    .mul(squares.add(1).sqrt())
    .max(0),
);
const shapes = { w: [1, 1, 12, 24], v: [1, 1, 24, 7] } as const;

/** As batch normalization: sums over pixels, a pointwise op with them, a 1x1 convolution; then gradients of weights. */
function step(images: number): Graph {
  const [w, v] = Object.entries(shapes).map(([name, shape]) => state(name, shape)) as [Node, Node];
  const x = input("x", [images, 29, 31, 12], "f32", "slice");
  const normalized = normalize(x, ops.sumPixels(x), ops.sumPixels(ops.mul(x, x)));
  const y = ops.conv2d(normalized, w, { stride: 1, padding: 0 });
  const z = ops.conv2d(normalize(y, ops.sumPixels(y), ops.sumPixels(y)), v, { stride: 1, padding: 0 });
  const dw = ops.conv2dWeightGrad(normalized, y, { kernel: 1, stride: 1, padding: 0 });
  const sums = [ops.sumPixels(z), dw].map((each) => ops.sumSlices(each)) as [Node, Node];
  return { outputs: { z, sum: sums[0], dw: sums[1] }, updates: new Map() };
}

test("convolutions and sums join the tasks that make the pixels they read", () => {
  const namesOf = (chains: boolean) => kernelsOf(step(4), 4, chains).map((names) => names.join(" + "));
  const chained = namesOf(true);
  assert.ok(chained.includes("evaluateExpression + convolve1x1 + sumBlocks"), chained.join("\n"));
  const apart = namesOf(false);
  for (const kernel of ["evaluateExpression", "convolve1x1", "sumBlocks"]) {
    assert.ok(apart.includes(kernel), apart.join("\n"));
  }
});

test("chained or not, on any number of threads, the bits are the same", async () => {
  const random = (seed: number, shape: readonly number[]): HostTensor => {
    const stream = new RandomStream(seed, Purpose.draw);
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => stream.uniform(i) - 0.5);
    return { shape, dtype: "f32", data };
  };
  const values = { w: random(1, shapes.w), v: random(2, shapes.v) };
  const x = random(3, [10, 29, 31, 12]);
  const run = async (threads: number, without: readonly "chain-rows"[]) => {
    using device = await openWasm({ threads });
    using held = await device.createState(values);
    using program = device.compile(step, held, { sliceSize: 4, without });
    const results = await program.run({ x });
    return Object.entries(results).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer).toString("hex"),
    ]);
  };
  const expected = await run(1, ["chain-rows"]);
  for (const threads of [1, 2, 3]) assert.deepEqual(await run(threads, []), expected, `${threads} threads`);
});

test("a kernel that reads what another one makes beside its own value waits for it", async () => {
  const sum = definePointwise("sum", (a, b) => a.add(b));
  const twice = definePointwise("twice", (a) => a.add(a));
  const window = { kernel: 2, stride: 2, padding: 0 };
  const build = (images: number): Graph => {
    const x = input("x", [images, 8, 8, 8], "f32", "slice");
    const u = input("u", [images, 4, 4, 8], "f32", "slice");
    // The positions are asked for first, so that the maxima are made beside them.
    const doubled = twice(u);
    const at = ops.maxPool2dIndex(x, window);
    const y = sum(doubled, ops.maxPool2d(x, window));
    return { outputs: { doubled, at, y }, updates: new Map() };
  };
  const values = (length: number) => Float32Array.from({ length }, (_, i) => ((i * 7919) % 1009) + 1);
  const inputs = {
    x: { shape: [16, 8, 8, 8], dtype: "f32", data: values(16 * 512) },
    u: { shape: [16, 4, 4, 8], dtype: "f32", data: values(16 * 128) },
  } as const;
  const results = await Promise.all(
    [openReference(), openWasm({ threads: 2 })].map(async (opened) => {
      using device = await opened;
      using held = await device.createState({});
      using program = device.compile(build, held, { sliceSize: 16 });
      return [...(await program.run(inputs)).y!.data];
    }),
  );
  assert.deepEqual(results[1], results[0]);
});

test("two operations become one where nothing else reads the first", () => {
  const [a, b, c] = [0, 1, 2].map((index) => Expression.input(index)) as [Expression, Expression, Expression];
  const operations = (expression: Expression) =>
    joinOperations(instructionsOf(expression)).flatMap(({ op, ...each }) =>
      "args" in each ? [`${op} ${each.args.join(" ")}`] : [],
    );
  assert.deepEqual(operations(a.sub(b).mul(c)), ["subMul 0 1 2"]);
  assert.deepEqual(operations(c.mul(a.sub(b))), ["subMul 1 2 0"]);
  assert.deepEqual(operations(a.mul(b).add(c)), ["mulAdd 0 1 2"]);
  assert.deepEqual(operations(c.add(a.mul(b))), ["mulAdd 1 2 0"]);
  assert.deepEqual(operations(a.greater(b).where(a, b)), ["larger 0 1"]);
  // Places after the two are those of what is left.
  assert.deepEqual(operations(a.sub(b).mul(c).add(a).sqrt()), ["subMul 0 1 2", "add 3 0", "sqrt 4"]);

  const difference = a.sub(b);
  assert.deepEqual(operations(difference.mul(difference)), ["sub 0 1", "mul 2 2"]);
  assert.deepEqual(operations(difference.mul(c).add(difference)), ["sub 0 1", "mulAdd 2 3 2"]);
  assert.deepEqual(operations(a.greater(b).where(b, a)), ["greater 0 1", "where 2 1 0"]);
  assert.deepEqual(operations(a.sub(b).add(c)), ["sub 0 1", "add 2 3"]);
});

test("an operation made of two rounds as the two do, and treats numbers that are none and zeros as they do", async () => {
  const special = [0, -0, 1, -1, 1 / 3, -7.3, 1e-40, 3e38, -3e38, Infinity, -Infinity, NaN];
  const triples = special.flatMap((p) => special.flatMap((q) => special.map((r) => [p, q, r] as const)));
  const f = Math.fround;
  const cases = {
    subMul: {
      op: definePointwise("subMul", (a, b, c) => a.sub(b).mul(c)),
      value: (a: number, b: number, c: number) => f(f(a - b) * c),
    },
    mulAdd: {
      op: definePointwise("mulAdd", (a, b, c) => a.mul(b).add(c)),
      value: (a: number, b: number, c: number) => f(f(a * b) + c),
    },
    larger: {
      op: definePointwise("larger", (a, b, c) => a.greater(b).where(a, b).sub(c)),
      // b where neither is above the other: other than Math.max, for zeros and for what is no number.
      value: (a: number, b: number, c: number) => f(([b, a] as const)[Number(a > b)]! - c),
    },
  };
  using device = await openWasm({ threads: 1 });
  using held = await device.createState({});
  const columns = [0, 1, 2].map((k) => Float32Array.from(triples, (triple) => triple[k]!));
  for (const [name, { op, value }] of Object.entries(cases)) {
    const names = ["a", "b", "c"];
    using program = device.compile((images) => {
      const [a, b, c] = names.map((each) => input(each, [images, 1], "f32", "slice")) as [Node, Node, Node];
      return { outputs: { y: op(a, b, c) }, updates: new Map() };
    }, held);
    const shape = [triples.length, 1];
    const inputs = names.map((each, k) => [each, { shape, dtype: "f32", data: columns[k]! }] as const);
    const { y } = await program.run(Object.fromEntries(inputs));
    triples.forEach((_, i) => {
      const [a, b, c] = columns.map((column) => column[i]!) as [number, number, number];
      assert.ok(
        Object.is(y!.data[i], value(a, b, c)),
        `${name}(${a}, ${b}, ${c}): ${y!.data[i]}, ${value(a, b, c)}`,
      );
    });
  }
});
