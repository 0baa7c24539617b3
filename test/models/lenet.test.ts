import assert from "node:assert/strict";
import { test } from "node:test";
import { LeNet } from "#nin-net/models/lenet.js";
import { createModel } from "#nin-net/models/models.js";
import { summaryLines } from "#nin-net/nn/summary.js";

test("its layers are d2l.ai's, 61,706 parameters", () => {
  const net = new LeNet();
  assert.deepEqual(summaryLines(net, [1, 1, 28, 28]), [
    "Conv2d output shape: [1, 6, 28, 28]",
    "Sigmoid output shape: [1, 6, 28, 28]",
    "AvgPool2d output shape: [1, 6, 14, 14]",
    "Conv2d output shape: [1, 16, 10, 10]",
    "Sigmoid output shape: [1, 16, 10, 10]",
    "AvgPool2d output shape: [1, 16, 5, 5]",
    "Flatten output shape: [1, 400]",
    "Linear output shape: [1, 120]",
    "Sigmoid output shape: [1, 120]",
    "Linear output shape: [1, 84]",
    "Sigmoid output shape: [1, 84]",
    "Linear output shape: [1, 10]",
  ]);
  assert.equal(net.parameterCount, 61_706);
});

test("its weights have d2l.ai's names and start Xavier-uniform, biases in +-1/sqrt(fan in)", () => {
  const weights = new LeNet({ seed: 3 }).stateDict();
  const names = [0, 3, 7, 9, 11].flatMap((layer) => [`net.${layer}.weight`, `net.${layer}.bias`]);
  assert.deepEqual(Object.keys(weights), names);
  assert.deepEqual(weights["net.7.weight"]!.shape, [120, 400]);
  const largest = (name: string) =>
    weights[name]!.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [name, bound] of [
    ["net.3.weight", Math.sqrt(6 / (25 * 6 + 25 * 16))],
    ["net.7.weight", Math.sqrt(6 / (400 + 120))],
    ["net.7.bias", 1 / Math.sqrt(400)],
  ] as const) {
    assert.ok(largest(name) <= bound && largest(name) > 0.9 * bound, `${name}: ${largest(name)}, ${bound}`);
  }
});

test("is made for images of any size from 12 x 12 on, and takes that size alone", () => {
  const net = new LeNet({ inChannels: 3, classes: 4, size: [32, 40] });
  assert.deepEqual(net.outputShape([2, 3, 32, 40]), [2, 4]);
  assert.throws(() => net.outputShape([2, 3, 64, 64]), {
    name: "ShapeError",
    message: /^LeNet layer 7 \(Linear\): got shape \[2, 3136\], expected \[N, 768\]\./,
  });
  assert.throws(() => new LeNet({ size: [11, 12] }), {
    message:
      /^LeNet layer 5 \(AvgPool2d\): got shape \[1, 16, 1, 2\], expected images of at least 2x2 pixels/,
  });
  const own = createModel("lenet", { channels: 1, classes: 10 });
  assert.equal(own.parameterCount, new LeNet({ size: [12, 12] }).parameterCount);
});
