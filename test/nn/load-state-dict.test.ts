import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor, type TensorLike } from "#nin-net/core/tensor.js";
import { NinNet } from "#nin-net/models/nin.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

test("weights go from one network to another; the copy stands alone", () => {
  const source = new Sequential(new Linear(2, 3));
  const target = new Sequential(new Linear(2, 3));
  const weights = source.stateDict();
  target.loadStateDict(weights);
  assert.deepEqual(target.stateDict(), weights);
  weights["0.weight"]!.data.fill(9);
  assert.notDeepEqual(target.stateDict(), weights);
  assert.notDeepEqual(source.stateDict(), weights);
});

test("a missing weight, an unknown one and one of another shape are named; nothing is loaded then", () => {
  const net = new NinNet();
  const before = net.stateDict()["model.0.0.bias"]!;
  const good: Record<string, TensorLike> = new NinNet({ seed: 1 }).stateDict();

  const { "model.2.0.weight": _left, ...missing } = good;
  assert.throws(() => net.loadStateDict(missing), {
    name: "NinError",
    message:
      "NinNet layer 2.0 (Conv2d): got no weight named model.2.0.weight, expected one of shape [256, 96, 5, 5]. " +
      "Load weights that were saved from this network; these have model.0.0.weight, model.0.0.bias, " +
      "model.0.2.weight, model.0.2.bias and 19 more.",
  });
  assert.throws(() => net.loadStateDict({ ...good, "fc.weight": Tensor.zeros([1]) }), {
    message: /^NinNet: got weights that it does not have, fc\.weight; expected model\.0\.0\.weight/,
  });
  assert.throws(() => net.loadStateDict({ ...good, "model.7.4.bias": Tensor.zeros([1000]) }), {
    name: "ShapeError",
    message:
      /^NinNet layer 7\.4 \(Conv2d\) model\.7\.4\.bias: got 1000 values of shape \[1000\], expected 10 of shape \[10\]\./,
  });
  assert.throws(() => net.loadStateDict({}), /these have none\./);
  assert.deepEqual(net.stateDict()["model.0.0.bias"], before);
});

test("data whose length belies its shape is refused", () => {
  const lying = { weight: { shape: [1, 1, 1, 1], data: new Float32Array(7) }, bias: Tensor.zeros([1]) };
  assert.throws(
    () => new Conv2d(1, 1, 1).loadStateDict(lying),
    /Conv2d weight: got 7 values of shape \[1, 1, 1, 1\], expected 1 of/,
  );
});
