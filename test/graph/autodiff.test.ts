import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "#nin-net/graph/autodiff.js";
import { type Node, type OpNode, state } from "#nin-net/graph/node.js";
import { linear } from "#nin-net/ops/composites/linear.js";
import { ops } from "#nin-net/ops/ops.js";
import { checkGradient } from "../ops/check-gradient.js";
import { leaf, run } from "../ops/run.js";

test("a whole small net's gradients match central differences", () => {
  const { addBias, adaptiveAvgPool2d, conv2d, crossEntropy, maxPool2d, relu, reshape, scaleBy, sumAll } = ops;
  const same = { stride: 1, padding: 1 };
  const x = leaf([2, 9, 9, 1]);
  const first = { w: leaf([3, 3, 1, 3]), b: leaf([3], [0.21, -0.17, 0.11]) };
  const second = { w: leaf([1, 1, 3, 4]), b: leaf([4], [0.3, -0.07, 0.13, 0.19]) };
  const head = { w: leaf([4, 3]), b: leaf([3], [0.1, 0.2, -0.3]) };
  let y = relu(addBias(conv2d(x, first.w, same), first.b)); // [2, 9, 9, 3]
  y = maxPool2d(y, { kernel: 3, stride: 2, padding: 0 }); // [2, 4, 4, 3]
  y = relu(addBias(conv2d(y, second.w, { stride: 1, padding: 0 }), second.b)); // [2, 4, 4, 4]
  y = reshape(adaptiveAvgPool2d(y, { height: 1, width: 1 }), { shape: [2, 4] });
  y = addBias(linear(y, head.w), head.b); // [2, 3]
  const losses = crossEntropy(y, leaf([2], [2, 0], "u8"));
  const loss = scaleBy(sumAll(losses), leaf([1], [0.5]));
  checkGradient(loss, [x, first.w, first.b, second.w, second.b, head.w, head.b]);
});

test("adds the gradients where a node is used several times", () => {
  const x = leaf([1], [3]);
  const cubed = ops.mul(ops.mul(x, x), x);
  const [dx] = gradients(ops.add(cubed, x), [x], leaf([1], [1]));
  assert.deepEqual([...run(dx!)], [3 * 3 ** 2 + 1]);
});

test("gives the gradient of a value on the way, and of the loss itself", () => {
  const x = leaf([2], [1, 2]);
  const y = ops.mul(x, x);
  const loss = ops.sumAll(ops.mul(y, y));
  const [dy, dx, own] = gradients(loss, [y, x, loss], leaf([1], [1]));
  assert.deepEqual([...run(dy!)], [2, 8]);
  assert.deepEqual([...run(dx!)], [4, 32]);
  assert.deepEqual([...run(own!)], [1]);
});

test("builds only what is asked for", () => {
  const [x, w] = [leaf([1, 3, 3, 1]), leaf([2, 2, 1, 1])];
  const y = ops.conv2d(x, w, { stride: 1, padding: 0 });
  const [dw] = gradients(y, [w], leaf(y.type.shape)) as OpNode[];
  assert.equal(dw!.op, ops.conv2dWeightGrad);
});

test("a gradient of what belongs to every slice is a slice's share until it is summed", () => {
  const x: Node = { kind: "input", name: "x", type: { shape: [2, 3], dtype: "f32" }, phase: "slice" };
  const b = state("b", [3]);
  const loss = ops.sumSlices(ops.sumAll(ops.addBias(x, b)));
  const [db] = gradients(loss, [b], leaf([1], [1]));
  assert.equal(db!.phase, "slice");
  assert.equal(ops.sumSlices(db!).phase, "finish");
});

test("refuses a seed of another shape", () => {
  assert.throws(() => gradients(leaf([2]), [], leaf([1])), {
    name: "ShapeError",
    message: "gradients: got shape [1], expected [2], the shape of the loss. Seed with ones of that shape.",
  });
});

test("refuses what the loss does not depend on", () => {
  const loss = ops.sumAll(leaf([2]));
  assert.throws(() => gradients(loss, [state("model.0.weight", [2, 2])], leaf([1])), {
    name: "NinError",
    message:
      'gradients: the loss does not depend on state "model.0.weight" [2, 2]. Leave it out, or use it in the loss.',
  });
});

test("refuses an op without gradient on the way", () => {
  const logits = leaf([2, 3]);
  const loss = ops.sumAll(ops.countCorrect(logits, leaf([2], [0, 1], "u8")));
  assert.throws(() => gradients(loss, [logits], leaf([1])), {
    name: "NinError",
    message:
      'gradients: countCorrect has no gradient, and the loss depends on input "leaf [2, 3]" [2, 3] through it. Use an op that has one.',
  });
});

test("refuses a graph that passes have fused", () => {
  const x = leaf([1, 2, 2, 1]);
  const y = ops.conv2d(x, leaf([1, 1, 1, 1]), { stride: 1, padding: 0 });
  const fused: OpNode = { ...y, epilogue: [{ op: ops.relu, inputs: [], attrs: {} }] };
  assert.throws(() => gradients(fused, [x], leaf(y.type.shape)), {
    name: "NinError",
    message: "gradients: got conv2d fused with other ops. Differentiate before passes run.",
  });
});
