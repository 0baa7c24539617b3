import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { NinError } from "#nin-net/core/errors.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { classMaps } from "#nin-net/explain/class-maps.js";
import { NinNet } from "#nin-net/models/nin.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

/** Whole numbers from -4 to 4, the same at every run. */
const whole = (size: number) => Float32Array.from({ length: size }, (_, i) => ((i * 37 + 11) % 9) - 4);

test("the maps' averages are the network's scores, exactly", async () => {
  // Whole numbers, and maps of 4x4 pixels: every sum and average is exact in float32.
  const last = new Conv2d(2, 3, 3);
  last.weight.data = whole(last.weight.size);
  last.bias!.data = whole(3);
  const net = new Sequential(last, new ReLU(), new AdaptiveAvgPool2d(1), new Flatten());
  const x = new Tensor([2, 2, 6, 6], whole(2 * 2 * 6 * 6));
  for (const options of [{ device: openReference() }, {}]) {
    const { maps, logits } = await classMaps(net, x, options);
    assert.deepEqual(maps.shape, [2, 3, 4, 4]);
    const scores = await net.forward(x, options);
    assert.deepEqual([...logits.data], [...scores.data]);
    assert.ok(scores.data.some((score) => score > 0));
  }
});

test("NinNet has ten maps of 5x5 at 224, and they average to its scores", async () => {
  const net = new NinNet();
  const x = Tensor.random([1, 1, 224, 224], 3);
  const { maps, logits, field } = await classMaps(net, x);
  assert.deepEqual(maps.shape, [1, 10, 5, 5]);
  assert.deepEqual(field, { start: 33.5, step: 32, size: 195 });
  const scores = (await net.forward(x)).data;
  assert.ok(scores.some((score) => score > 0));
  scores.forEach((score, k) => {
    assert.ok(Math.abs(score - logits.data[k]!) <= 2e-7 * Math.max(...scores), `${score} ${logits.data[k]}`);
  });
});

test("maps follow weights that are changed", async () => {
  const net = new Sequential(new Conv2d(1, 1, 1), new AdaptiveAvgPool2d(1), new Flatten());
  const weight = net.at(0)!.parameters[0]!;
  const x = new Tensor([1, 1, 1, 2], Float32Array.of(1, 3));
  net.at(0)!.parameters[1]!.data = Float32Array.of(0);
  for (const factor of [2, 5]) {
    weight.data = Float32Array.of(factor);
    const { maps, logits } = await classMaps(net, x, { device: openReference() });
    assert.deepEqual([...maps.data, ...logits.data], [factor, 3 * factor, 2 * factor]);
  }
});

test("refuses a network that ends otherwise", async () => {
  const net = new Sequential(new Flatten(), new Linear(4, 2));
  await assert.rejects(classMaps(net, Tensor.zeros([1, 1, 2, 2])), {
    name: NinError.name,
    message:
      /^classMaps: got a network that ends in Flatten\(.*\) and Linear\(.*\), expected AdaptiveAvgPool2d\(\[1, 1\]\) and Flatten\. Only then are class scores the averages of maps\.$/,
  });
});
