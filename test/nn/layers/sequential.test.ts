import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor, type TensorLike } from "#nin-net/core/tensor.js";
import type { Layer } from "#nin-net/nn/layer.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

function small(): Sequential {
  return new Sequential(
    new Sequential(new Conv2d(1, 3, 3), new ReLU()),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(12, 2),
  );
}

test("layer by layer gives what the whole gives", async () => {
  const device = openReference();
  const net = small();
  const x = Tensor.random([2, 1, 6, 6]);
  let y: TensorLike = x;
  for (const layer of net) y = await layer.forward(y, { device });
  assert.deepEqual(y.shape, [2, 2]);
  const whole = await net.forward(x, { device });
  whole.data.forEach((value, i) => {
    assert.ok(Math.abs(value - y.data[i]!) < 1e-6, `${value} and ${y.data[i]}`);
  });
});

test("layers are reached by index, from the end too", () => {
  const net = small();
  assert.equal(net.length, 4);
  assert.equal(net.at(1)?.kind, "MaxPool2d");
  assert.equal(net.at(-1)?.kind, "Linear");
  assert.equal(net.at(4), undefined);
  assert.deepEqual(
    [...net].map((layer) => layer.kind),
    ["Sequential", "MaxPool2d", "Flatten", "Linear"],
  );
});

test("an error names the layer inside by its path", () => {
  assert.throws(() => small().outputShape([1, 1, 2, 2]), {
    message: /^Sequential layer 0\.0 \(Conv2d\): got shape \[1, 1, 2, 2\], expected images of at least 3x3/,
  });
  assert.throws(() => small().outputShape([1, 1, 8, 8]), {
    message: /^Sequential layer 3 \(Linear\): got shape \[1, 27\], expected \[N, 12\]/,
  });
});

test("forward refuses values that do not fill the shape", async () => {
  const x: TensorLike = { shape: [1, 1, 6, 6], data: new Float32Array(35) };
  await assert.rejects(small().forward(x, { device: openReference() }), {
    message: /Sequential: got 35 values, expected 36 for shape \[1, 1, 6, 6\]/,
  });
});

test("forward sees weights that were changed in place", async () => {
  const device = openReference();
  const layer = new Linear(1, 1);
  layer.weight.data.set([2]);
  layer.bias!.data.set([0]);
  const x = new Tensor([1, 1], Float32Array.of(3));
  assert.deepEqual([...(await layer.forward(x, { device })).data], [6]);
  layer.weight.data[0] = 5;
  assert.deepEqual([...(await layer.forward(x, { device })).data], [15]);
  layer.free();
  assert.deepEqual([...(await layer.forward(x, { device })).data], [15]);
});

test("calls at the same time do not disturb each other", async () => {
  const device = openReference();
  const layer = new Linear(1, 1, { bias: false });
  layer.weight.data.set([2]);
  const results = await Promise.all(
    [1, 2, 3].map((value) => layer.forward(new Tensor([1, 1], Float32Array.of(value)), { device })),
  );
  assert.deepEqual(
    results.map(({ data }) => data[0]),
    [2, 4, 6],
  );
});

test("prints as PyTorch prints a module", () => {
  assert.equal(
    String(small()),
    [
      "Sequential(",
      "  (0): Sequential(",
      "    (0): Conv2d(1, 3, kernelSize=3, stride=1)",
      "    (1): ReLU()",
      "  )",
      "  (1): MaxPool2d(kernelSize=2, stride=2, padding=0)",
      "  (2): Flatten()",
      "  (3): Linear(12, 2)",
      ")",
    ].join("\n"),
  );
});

test("a layer used twice has its weights once", () => {
  const shared = new Linear(3, 3);
  const net = new Sequential(shared, new ReLU(), shared);
  assert.equal(net.parameterCount, 12);
  assert.deepEqual(Object.keys(net.stateDict()), ["0.weight", "0.bias"]);
});

test("refuses what is no layer", () => {
  const layers = [new ReLU(), "ReLU"] as Layer[];
  assert.throws(() => new Sequential(...layers), /Sequential: got string as layer 1, expected a layer/);
});
