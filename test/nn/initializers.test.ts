import assert from "node:assert/strict";
import { test } from "node:test";
import {
  constantInitializer,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  manualSeed,
  newParameter,
  uniformFanIn,
  xavierUniform,
} from "#nin-net/nn/initializers.js";
import { Linear } from "#nin-net/nn/layers/linear.js";

test("the same seed and order give the same layers; layers differ from each other", () => {
  const pair = (seed: number): readonly [Linear, Linear] => {
    manualSeed(seed);
    return [new Linear(4, 4), new Linear(4, 4)];
  };
  const [a, b] = pair(5);
  const [again] = pair(5);
  const [other] = pair(6);
  assert.deepEqual(a.weight.data, again.weight.data);
  assert.notDeepEqual(a.weight.data, b.weight.data);
  assert.notDeepEqual(a.weight.data, other.weight.data);
});

test("values of another length are refused", () => {
  assert.throws(() => {
    new Linear(2, 2).weight.data = new Float32Array(3);
  }, /parameter weight: got 3 values, expected 4, as shape \[2, 2\] has/);
});

const info = { name: "weight", shape: [64, 100], size: 6400, fanIn: 100, fanOut: 64 };

/** Values of an initializer for a parameter of 64 x 100 values. */
function drawn(initializer: Initializer): Float32Array {
  manualSeed(3);
  return newParameter("weight", info.shape, { in: info.fanIn, out: info.fanOut }, initializer).data;
}

/** torch.nn.init: a uniform distribution in +-bound has the variance bound^2 / 3. */
const cases = {
  uniformFanIn: { initializer: uniformFanIn, bound: 1 / Math.sqrt(100) },
  "xavierUniform, linear": { initializer: xavierUniform(), bound: Math.sqrt(6 / 164) },
  "xavierUniform, tanh": {
    initializer: xavierUniform({ nonlinearity: "tanh" }),
    bound: (5 / 3) * Math.sqrt(6 / 164),
  },
  "kaimingUniform, ReLU": { initializer: kaimingUniform(), bound: Math.sqrt(2) * Math.sqrt(3 / 100) },
  "kaimingUniform, fan out": {
    initializer: kaimingUniform({ fan: "out", nonlinearity: "linear" }),
    bound: Math.sqrt(3 / 64),
  },
};
for (const [name, { initializer, bound }] of Object.entries(cases)) {
  test(`${name} is uniform within PyTorch's bound`, () => {
    const values = drawn(initializer);
    assert.ok(values.every((value) => Math.abs(value) <= bound));
    assert.ok(values.some((value) => value > 0.99 * bound) && values.some((value) => value < -0.99 * bound));
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    assert.ok(Math.abs(variance / (bound ** 2 / 3) - 1) < 0.05, `variance ${variance}`);
  });
}

test("kaimingNormal is normal with PyTorch's standard deviation", () => {
  const values = drawn(kaimingNormal());
  const deviation = Math.sqrt(2 / 100);
  const share = (within: number) =>
    values.filter((value) => Math.abs(value) < within * deviation).length / values.length;
  const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  assert.ok(Math.abs(variance / deviation ** 2 - 1) < 0.05, `variance ${variance}`);
  assert.ok(Math.abs(share(1) - 0.6827) < 0.02 && Math.abs(share(2) - 0.9545) < 0.01);
  assert.deepEqual(drawn(kaimingNormal()), values);
});

test("constantInitializer fills", () => {
  assert.ok(drawn(constantInitializer(0.5)).every((value) => value === 0.5));
});
