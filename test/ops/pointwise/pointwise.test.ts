import assert from "node:assert/strict";
import { test } from "node:test";
import { NinError } from "#nin-net/core/errors.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import type { Node } from "#nin-net/graph/node.js";
import { costOf } from "#nin-net/graph/op.js";
import { Expression } from "#nin-net/ops/pointwise/expression.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { refuses } from "../refuses.js";
import { leaf, run } from "../run.js";

const softsign = definePointwise("softsign", (x) => x.div(x.abs().add(1)));

test("computes an expression, worked by hand", () => {
  assert.deepEqual([...run(softsign(leaf([3], [1, -3, 0])))], [0.5, -0.75, 0]);
  const clipped = definePointwise("clipped", (x, low) => x.less(low).where(low, x.pow(2)));
  assert.deepEqual([...run(clipped(leaf([3], [-2, 1, 3]), leaf([1], [0.5])))], [0.5, 1, 9]);
});

test("one number a channel, and one for all", () => {
  const affine = definePointwise("affine", (x, scale, shift) => x.mul(scale).add(shift));
  const y = affine(leaf([2, 2], [1, 2, 3, 4]), leaf([2], [10, 100]), leaf([1], [0.5]));
  assert.deepEqual([...run(y)], [10.5, 200.5, 30.5, 400.5]);
});

test("the gradient of equal operands is shared, as in torch.maximum; that of abs at 0 is 0", () => {
  const dy = leaf([2], [1, 1]);
  const [a, b] = [leaf([2], [3, 1]), leaf([2], [3, 2])];
  const [da, db] = gradients(definePointwise("max", (x, y) => x.max(y))(a, b), [a, b], dy);
  assert.deepEqual([...run(da!)], [0.5, 0]);
  assert.deepEqual([...run(db!)], [0.5, 1]);
  const zero = leaf([2], [0, -1]);
  const [dx] = gradients(definePointwise("abs", (x) => x.abs())(zero), [zero], dy);
  assert.deepEqual([...run(dx!)], [0, -1]);
});

test("no gradient flows to a constant input, as x * x.detach() in PyTorch", () => {
  const product = definePointwise("product", (a, b) => a.mul(b), { constant: [1] });
  const x = leaf([2], [3, -5]);
  const [dx] = gradients(product(x, x), [x], leaf([2], [1, 10]));
  assert.deepEqual([...run(dx!)], [3, -50]);
});

test("a gradient reads the result where that spares computing it again", () => {
  const x = leaf([2], [0.3, -2]);
  const y = definePointwise("sigmoid", (a) => a.sigmoid())(x);
  const [dx] = gradients(y, [x], leaf([2], [1, 10]));
  assert.ok(dx?.kind === "op" && dx.inputs.includes(y) && !dx.inputs.includes(x));
  const values = [0.3, -2].map((a) => 1 / (1 + Math.exp(-a)));
  const expected = [values[0]! * (1 - values[0]!), 10 * values[1]! * (1 - values[1]!)];
  [...run(dx)].forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-12);
  });
});

test("a gradient of more inputs than a kernel can read computes the result again", () => {
  const inputs = [0.5, 0.9, -1.1, 0.8, 1.2, 0.7].map((value) => leaf([1], [value])) as [Node, ...Node[]];
  const product = definePointwise("product", (a, b, c, d, e, f) =>
    a.mul(a).mul(b).mul(c).mul(d).mul(e).mul(f).tanh(),
  );
  const y = product(...(inputs as [Node, Node, Node, Node, Node, Node]));
  const [da, db] = gradients(y, inputs, leaf([1], [1]));
  assert.ok(da?.kind === "op" && da.inputs.length === 7 && !da.inputs.includes(y));
  assert.ok(db?.kind === "op" && db.inputs.includes(y));
  const rest = 0.9 * -1.1 * 0.8 * 1.2 * 0.7;
  const slope = 1 - Math.tanh(0.25 * rest) ** 2;
  assert.ok(Math.abs(run(da)[0]! - slope * 2 * 0.5 * rest) < 1e-12);
  assert.ok(Math.abs(run(db)[0]! - (slope * 0.25 * rest) / 0.9) < 1e-12);
});

test("what is computed twice is computed once", () => {
  const y = definePointwise("twice", (x) => x.exp().add(x.exp()))(leaf([5]));
  assert.equal(costOf(y).flops, 2 * 5);
});

test("refuses shapes that do not fit, naming the op", () => {
  const sum = definePointwise("mySum", (a, b) => a.add(b));
  refuses(
    () => sum(leaf([2, 3]), leaf([2])),
    "mySum: got shape [2], expected [2, 3], [3] or [1]. Give inputs of the first one's shape, one number a channel or one number.",
  );
  assert.throws(() => sum(leaf([3], [1, 2, 3], "u8"), leaf([3])), /mySum: got u8 values/);
});

test("refuses expressions that are none", () => {
  assert.throws(() => definePointwise("same", (x) => x), {
    name: NinError.name,
    message: "same: got an input as the result, expected a computation. Compute the result from the inputs.",
  });
  assert.throws(
    () => definePointwise("fixed", (_x) => Expression.constant(1)),
    /got a constant as the result/,
  );
  assert.throws(() => definePointwise("spare", (x, _y) => x.exp()), /does not depend on input 1/);
  assert.throws(() => definePointwise("endless", (x) => x.add(Infinity)), /got the constant Infinity/);
});
