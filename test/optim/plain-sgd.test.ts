import assert from "node:assert/strict";
import { test } from "node:test";
import { input, type Node, state } from "#nin-net/graph/node.js";
import type { Optimizer } from "#nin-net/optim/optimizer.js";
import { plainSgd } from "#nin-net/optim/plain-sgd.js";
import { sameRate } from "#nin-net/optim/schedule.js";
import { constant } from "#nin-net/optim/schedules/constant.js";
import { sgd } from "#nin-net/optim/sgd.js";

/** All that an optimiser without state says of itself, and the graph of its update. */
function described(optimizer: Optimizer): unknown {
  const { name, settings, stateNames } = optimizer;
  const scalars = optimizer.scalars({ lr: 0.25, step: 3 });
  const nodes: Record<string, Node> = Object.fromEntries(
    Object.keys(scalars).map((scalar) => [scalar, input(scalar, [1], "f32", "step")]),
  );
  const [weight, gradient] = [state("w", [2, 3]), input("g", [2, 3], "f32", "step")];
  const update = optimizer.update({ weight, gradient, state: {}, scalars: nodes });
  return { name, settings, stateNames, scalars, update };
}

test("training that names no optimiser has that of sgd()", () => {
  assert.deepEqual(described(plainSgd), described(sgd()));
});

test("training that names no schedule has that of constant()", () => {
  const position = { step: 3, steps: 10, stepsPerEpoch: 5 };
  const [{ factor, ...same }, { factor: other, ...others }] = [sameRate, constant()];
  assert.deepEqual(same, others);
  assert.equal(factor(position), other(position));
});
