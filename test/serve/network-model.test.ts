import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkModel } from "#nin-cli/serve/network-model.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { explain } from "#nin-net/explain/explain.js";
import { imageBatch } from "#nin-net/inference/predict.js";
import { NinNet } from "#nin-net/models/nin.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

const spec = { channels: 1, height: 28, width: 28 };
const names = Array.from({ length: 10 }, (_, k) => `class ${k}`);

function noise(seed: number): Uint8Array {
  return Uint8Array.from(Tensor.random([784], seed).data, (value) => 256 * value);
}

test("gives what explain gives, for any batch", async () => {
  using device = await openDevice("cpu", { threads: 1 });
  const net = new NinNet({ seed: 3 });
  using model = await NetworkModel.open(net, {
    device,
    classes: names,
    image: spec,
    preprocessing: { resize: 67 },
  });
  const images = [1, 2, 3].map(noise);
  const results = await model.classify(images);
  const expected = await explain(net, imageBatch(images, spec, { resize: 67 }), { device, classes: names });
  const near = (values: ArrayLike<number>, others: ArrayLike<number>) => {
    assert.equal(values.length, others.length);
    for (let i = 0; i < values.length; i++) assert.ok(Math.abs(values[i]! - others[i]!) < 1e-5);
  };
  for (const [n, { top, logits, maps }] of results.entries()) {
    assert.equal(top.name, expected[n]!.top.name);
    near(logits, expected[n]!.logits);
    for (const [k, { height, width, data }] of maps.entries()) {
      const other = expected[n]!.maps[k]!;
      assert.deepEqual([height, width], [other.height, other.width]);
      near(data, other.data);
    }
  }
  const [alone] = await model.classify([images[1]!]);
  assert.deepEqual(alone, results[1]);
});

test("a class's map is where its filter answers; its mean is the score", async () => {
  using device = await openDevice("reference");
  // Class 0 sees an image's brightness, class 1 half of it.
  const filters = new Conv2d(1, 2, 1);
  filters.loadStateDict({
    weight: new Tensor([2, 1, 1, 1], Float32Array.of(1, 0.5)),
    bias: new Tensor([2], Float32Array.of(0, 0)),
  });
  const net = new Sequential(filters, new AdaptiveAvgPool2d(1), new Flatten());
  using model = await NetworkModel.open(net, { device, classes: ["a", "b"], image: spec, preprocessing: {} });
  const image = new Uint8Array(784);
  image[28 + 3] = 255; // row 1, column 3
  const [result] = await model.classify([image]);
  const maps = result!.maps.map(({ height, width, data }) => [
    height,
    width,
    data[31],
    data.filter((v) => v !== 0).length,
  ]);
  assert.deepEqual(maps, [
    [28, 28, 1, 1],
    [28, 28, 0.5, 1],
  ]);
  assert.deepEqual([...result!.logits], [Math.fround(1 / 784), Math.fround(0.5 / 784)]);
});

test("refuses a network that has not one map a class", async () => {
  using device = await openDevice("reference");
  await assert.rejects(
    NetworkModel.open(new NinNet({ classes: 3 }), {
      device,
      classes: names,
      image: spec,
      preprocessing: { resize: 67 },
    }),
    {
      name: "NinError",
      message:
        "NinNet: got 3 scores an image, expected one for each of 10 classes. Take a network made for this data set.",
    },
  );
});

test("classifies with a network that ends otherwise, without maps, and says why there are none", async () => {
  using device = await openDevice("reference");
  const linear = new Linear(784, 2);
  linear.weight.data = Float32Array.from({ length: 1568 }, (_, i) => (i < 784 ? 1 : 0));
  linear.bias!.data = Float32Array.of(0, 1);
  const net = new Sequential(new Flatten(), linear);
  using model = await NetworkModel.open(net, {
    device,
    classes: ["light", "dark"],
    image: spec,
    preprocessing: {},
  });
  const results = await model.classify([new Uint8Array(784).fill(255), new Uint8Array(784)]);
  assert.deepEqual(
    results.map(({ top, maps }) => [top.name, maps]),
    [
      ["light", []],
      ["dark", []],
    ],
  );
  assert.match(model.whyNoMaps!, /^got a network that ends in Flatten/);
});
