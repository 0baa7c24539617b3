import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { Explainer } from "#nin-net/explain/explainer.js";
import { Predictor } from "#nin-net/inference/predictor.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

const device = openReference();
const image = { channels: 3, height: 2, width: 3 };
/** Two rows of three pixels: red, green, blue; black, white, (51, 102, 153). */
const colours = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 51, 102, 153);

/** Five classes: red, green, blue, red minus blue, and one half everywhere. */
function colourNet(): Sequential {
  const conv = new Conv2d(3, 5, 1);
  conv.weight.data = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, -1, 0, 0, 0);
  conv.bias!.data = Float32Array.of(0, 0, 0, 0, 0.5);
  return new Sequential(conv, new AdaptiveAvgPool2d(1), new Flatten());
}

function near(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `${i}: ${actual[i]}, expected ${value}`);
  });
}

test("reads bytes pixel by pixel, channels together, in images that are not square", async () => {
  using predictor = await Predictor.open(colourNet(), { image, device, features: ["0"] });
  assert.deepEqual(predictor.inputShape, [3, 2, 3]);
  const { logits, features } = await predictor.run([colours, new Uint8Array(18)]);
  near(logits.data, [2.2 / 6, 2.4 / 6, 2.6 / 6, -0.4 / 6, 0.5, 0, 0, 0, 0, 0.5]);
  assert.deepEqual(features["0"]!.shape, [2, 5, 2, 3]);
  near(features["0"]!.data.slice(0, 12), [1, 0, 0, 0, 1, 0.2, 0, 1, 0, 0, 1, 0.4]);
  const [first] = await predictor.predict([colours]);
  assert.deepEqual([first!.top.name, first!.ranked.length], ["class 4", 5]);
});

test("normalises each channel by its own mean and deviation", async () => {
  const preprocessing = { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2] };
  using predictor = await Predictor.open(colourNet(), { image, preprocessing, device });
  const { logits } = await predictor.run([new Uint8Array(18).fill(255)]);
  near(logits.data, [1, 3, 0.5, 0.5, 0.5]);
});

test("resizes to a height and a width of their own, as PyTorch's interpolate does", async () => {
  const conv = new Conv2d(1, 2, 1, { bias: false });
  conv.weight.data = Float32Array.of(1, 2);
  const net = new Sequential(conv, new AdaptiveAvgPool2d(1), new Flatten());
  const grey = { channels: 1, height: 1, width: 2 };
  using predictor = await Predictor.open(net, {
    image: grey,
    preprocessing: { resize: [2, 4] },
    device,
    features: ["0"],
  });
  const { features } = await predictor.run([Uint8Array.of(0, 255)]);
  const row = [0, 0.25, 0.75, 1];
  near(features["0"]!.data, [...row, ...row, ...row.map((x) => 2 * x), ...row.map((x) => 2 * x)]);
});

test("the CPU gives what the reference gives, inner layers and a network of another end included", async () => {
  manualSeed(5);
  const block = new Sequential(new Conv2d(3, 4, 3, { padding: 1 }), new ReLU());
  const net = new Sequential(block, new MaxPool2d(2), new Flatten(), new Linear(4 * 5 * 3, 7));
  const size = { channels: 3, height: 9, width: 8 };
  const preprocessing = { resize: [10, 6] as const, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] };
  const options = { image: size, preprocessing, features: ["0.0", "1", "3"] };
  const images = Array.from({ length: 3 }, (_, seed) =>
    Uint8Array.from(Tensor.random([9 * 8 * 3], seed).data, (value) => 256 * value),
  );
  using cpu = await openDevice("cpu", { threads: 1 });
  using fast = await Predictor.open(net, { ...options, device: cpu });
  using plain = await Predictor.open(net, { ...options, device });
  const [a, b] = [await fast.run(images), await plain.run(images)];
  for (const path of options.features) {
    assert.deepEqual(a.features[path]!.shape, b.features[path]!.shape);
    a.features[path]!.data.forEach((value, i) => {
      assert.ok(Math.abs(value - b.features[path]!.data[i]!) < 1e-4, path);
    });
  }
  assert.deepEqual(a.features["0.0"]!.shape, [3, 4, 10, 6]);
  assert.deepEqual([...a.features["3"]!.data], [...a.logits.data]);
  // What an image gives does not depend on the batch that it is in.
  assert.deepEqual(await fast.predict([images[1]!]), (await fast.predict(images)).slice(1, 2));
  assert.deepEqual(await fast.predict([]), []);
});

test("takes 1,000 classes", async () => {
  manualSeed(1);
  const net = new Sequential(new Flatten(), new Linear(18, 1000));
  const classes = Array.from({ length: 1000 }, (_, k) => `类别 ${k}`);
  using predictor = await Predictor.open(net, { image, classes, device });
  const [prediction] = await predictor.predict([colours]);
  assert.equal(prediction!.ranked.length, 1000);
  assert.match(prediction!.top.name, /^类别 \d+$/);
});

test("explains where the network ends in class maps, and says why not elsewhere", async () => {
  using explainer = await Explainer.open(colourNet(), { image, device });
  assert.equal(explainer.whyNoMaps, undefined);
  const [explanation] = await explainer.explain([colours]);
  near(explanation!.maps[3]!.data, [1, 0, -1, 0, 0, -0.4]);
  assert.deepEqual([explanation!.maps[3]!.height, explanation!.maps[3]!.width], [2, 3]);

  using other = await Explainer.open(new Sequential(new Flatten(), new Linear(18, 2)), { image, device });
  assert.match(
    other.whyNoMaps!,
    /^got a network that ends in Flatten\(.*\) and Linear\(.*expected AdaptiveAvgPool2d/,
  );
  const [prediction] = await other.explain([colours]);
  assert.deepEqual([prediction!.maps, prediction!.ranked.length], [[], 2]);
});

test("refuses what does not fit in one sentence, and use after disposal", async () => {
  const net = colourNet();
  const open = (options: object) => Predictor.open(net, { image, device, ...options });
  await assert.rejects(open({ classes: ["a"] }), {
    message:
      "Sequential: got 5 scores an image, expected one for each of 1 classes. Take a network made for this data set.",
  });
  await assert.rejects(open({ features: ["7"] }), {
    message:
      'Sequential: got the layer "7", expected one of 0 Conv2d, 1 AdaptiveAvgPool2d, 2 Flatten, or one inside, such as 0.0.',
  });
  await assert.rejects(open({ image: { ...image, channels: 1 } }), { name: "ShapeError", message: /Conv2d/ });
  await assert.rejects(open({ preprocessing: { std: [1, 0, 1] } }), {
    name: "ShapeError",
    message: /std \[1, 0, 1\]/,
  });
  await assert.rejects(Predictor.open(new Conv2d(3, 5, 1), { image, device }), {
    message: /^Conv2d: got output \[1, 5, 2, 3\] for one image, expected \[1, classes\]/,
  });
  const predictor = await open({});
  await assert.rejects(predictor.run([new Uint8Array(17)]), {
    message: /^Predictor: got 17 bytes as image 0, expected 18/,
  });
  predictor[Symbol.dispose]();
  predictor[Symbol.dispose]();
  await assert.rejects(predictor.run([colours]), { name: "DisposedError" });
});
