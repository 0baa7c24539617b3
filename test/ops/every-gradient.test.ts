/** Every op that has a gradient rule is checked by central differences, over several shapes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Node, sizeOf, topologicalOrder } from "#nin-net/graph/node.js";
import { type OpName, ops } from "#nin-net/ops/ops.js";
import type { Expression } from "#nin-net/ops/pointwise/expression.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { checkGradient } from "./check-gradient.js";
import { leaf, sample } from "./run.js";

const labels = (n: number, classes: number) => {
  const data = Uint8Array.from({ length: n }, (_, i) => (3 * i + 1) % classes);
  return leaf([n], data, "u8");
};

/** For each op the nodes to check, and the leaves to differentiate with respect to. */
const cases: { readonly [K in OpName]?: () => readonly (readonly [y: Node, ...wrt: Node[]])[] } = {
  resizeBilinear: () =>
    [
      { shape: [2, 3, 4, 2], height: 7, width: 8 },
      { shape: [1, 5, 5, 1], height: 3, width: 1 },
      { shape: [1, 1, 3, 1], height: 4, width: 3 },
    ].map(({ shape, ...attrs }) => {
      const x = leaf(shape);
      return [ops.resizeBilinear(x, attrs), x];
    }),

  conv2d: () =>
    [
      { x: [2, 5, 4, 3], w: [3, 3, 3, 2], stride: 1, padding: 1 },
      { x: [1, 7, 8, 1], w: [3, 3, 1, 2], stride: 2, padding: 0 },
      { x: [2, 3, 3, 2], w: [1, 1, 2, 3], stride: 1, padding: 0 },
      { x: [1, 5, 6, 1], w: [2, 2, 1, 1], stride: 3, padding: 1 },
    ].map(({ x: xShape, w: wShape, ...attrs }) => {
      const x = leaf(xShape);
      const w = leaf(wShape);
      return [ops.conv2d(x, w, attrs), x, w];
    }),

  maxPool2d: () =>
    [
      { shape: [2, 5, 6, 3], kernel: 3, stride: 2, padding: 0 },
      { shape: [1, 5, 5, 2], kernel: 3, stride: 1, padding: 1 },
      { shape: [1, 4, 4, 1], kernel: 2, stride: 2, padding: 0 },
      { shape: [1, 7, 7, 1], kernel: 2, stride: 3, padding: 1 },
      { shape: [1, 4, 6, 2], kernel: 3, stride: 2, padding: 0, ceilMode: true },
    ].map(({ shape, ...attrs }) => {
      const x = leaf(shape);
      return [ops.maxPool2d(x, attrs), x];
    }),

  avgPool2d: () =>
    [
      { shape: [2, 4, 6, 3], kernel: 2, stride: 2, padding: 0, countIncludePad: true },
      { shape: [1, 5, 4, 2], kernel: 3, stride: 2, padding: 1, countIncludePad: true },
      { shape: [1, 5, 4, 2], kernel: 3, stride: 1, padding: 1, countIncludePad: false },
      { shape: [1, 6, 4, 1], kernel: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad: true },
    ].map(({ shape, ...attrs }) => {
      const x = leaf(shape);
      return [ops.avgPool2d(x, attrs), x];
    }),

  adaptiveAvgPool2d: () =>
    [
      { shape: [2, 5, 4, 3], height: 1, width: 1 },
      { shape: [1, 5, 7, 2], height: 3, width: 2 },
      { shape: [1, 2, 2, 1], height: 3, width: 2 },
    ].map(({ shape, ...attrs }) => {
      const x = leaf(shape);
      return [ops.adaptiveAvgPool2d(x, attrs), x];
    }),

  relu: () => {
    const x = leaf([2, 3, 3, 2]);
    return [[ops.relu(x), x]];
  },

  addBias: () =>
    [[2, 3, 2, 3], [4, 5], [3]].map((shape) => {
      const x = leaf(shape);
      const b = leaf([shape.at(-1)!]);
      return [ops.addBias(x, b), x, b];
    }),

  add: () => {
    const [a, b] = [leaf([2, 3]), leaf([2, 3])];
    return [
      [ops.add(a, b), a, b],
      [ops.add(a, a), a],
    ];
  },

  mul: () => {
    const [a, b] = [leaf([2, 3]), leaf([2, 3])];
    return [
      [ops.mul(a, b), a, b],
      [ops.mul(a, a), a],
    ];
  },

  scaleBy: () => {
    const [x, s] = [leaf([2, 3]), leaf([1], [1.7])];
    return [[ops.scaleBy(x, s), x, s]];
  },

  scaleChannels: () =>
    [[2, 3, 2, 3], [4, 5], [3]].map((shape) => {
      const [x, s] = [leaf(shape), leaf([shape.at(-1)!])];
      return [ops.scaleChannels(x, s), x, s];
    }),

  pointwise: () => {
    const [x, b, s, c] = [leaf([3, 2, 4]), leaf([3, 2, 4], sample(24, 5)), leaf([1], [0.7]), leaf([4])];
    const one = (build: (x: Expression) => Expression) => [definePointwise("f", build)(x), x] as const;
    const two = (build: (x: Expression, y: Expression) => Expression) =>
      [definePointwise("f", build)(x, b), x, b] as const;
    return [
      one((x) => x.neg().add(x.mul(x)).sub(x.div(3))),
      one((x) => x.abs().mul(x)),
      one((x) => x.add(2).sqrt()),
      one((x) => x.exp().add(x.add(2).log())),
      one((x) => x.tanh().mul(x.sigmoid())),
      one((x) => x.pow(3).add(x.add(2).pow(-2)).add(x.add(2).pow(1.5))),
      one((x) => x.greater(0).where(x.mul(2), x.exp())),
      one((x) => x.max(0.01).add(x.min(-0.3))),
      one((x) => x.less(0.2).mul(x)),
      two((x, y) =>
        x
          .mul(y)
          .add(y.add(2).reciprocal())
          .sub(x.div(y.add(3))),
      ),
      two((x, y) => x.max(y).mul(y.min(x))),
      [definePointwise("affine", (x, c, s) => x.mul(c).tanh().mul(s).add(c))(x, c, s), x, c, s],
      // Twice, by way of the gradient's own gradient.
      [gradients(definePointwise("f", (x) => x.tanh())(x), [x], b)[0]!, x, b],
    ];
  },

  sumPixels: () => {
    const x = leaf([2, 3, 2]);
    return [[ops.sumPixels(x), x]];
  },

  sumAll: () => {
    const x = leaf([2, 3, 2]);
    return [[ops.sumAll(x), x]];
  },

  sumSlices: () => {
    const x = leaf([3, 2]);
    return [[ops.sumSlices(x), x]];
  },

  expand: () => {
    const s = leaf([1], [0.3]);
    const channels = leaf([3]);
    return [
      [ops.expand(s, leaf([2, 3])), s],
      [ops.expand(channels, leaf([2, 2, 3])), channels],
    ];
  },

  reshape: () => {
    const x = leaf([2, 6]);
    return [[ops.reshape(x, { shape: [3, 2, 2] }), x]];
  },

  permute: () => {
    const x = leaf([2, 3, 4, 2]);
    return [
      [ops.permute(x, { axes: [2, 0, 3, 1] }), x],
      [ops.permute(x, { axes: [0, 3, 1, 2] }), x],
    ];
  },

  oneHot: () => {
    const logits = leaf([3, 4]);
    return [[ops.mul(logits, ops.oneHot(labels(3, 4), logits)), logits]];
  },

  crossEntropy: () =>
    [
      [3, 4],
      [1, 2],
      [5, 1],
    ].map(([n, classes]) => {
      const logits = leaf([n!, classes!]);
      return [ops.crossEntropy(logits, labels(n!, classes!)), logits];
    }),
};

for (const [name, op] of Object.entries(ops)) {
  if (op.gradient === undefined) continue;
  test(`${name}: gradients match central differences`, () => {
    const build = cases[name as OpName];
    assert.ok(build, `${name} has a gradient rule but no case in this file`);
    for (const [y, ...wrt] of build()) {
      const used = topologicalOrder([y]).some((node) => node.kind === "op" && node.op === op);
      assert.ok(used && wrt.length > 0, `the case of ${name} differentiates ${name}`);
      assert.ok(sizeOf(y.type.shape) > 0);
      checkGradient(y, wrt);
    }
  });
}
