import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { NinError, ShapeError } from "#nin-net/core/errors.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { explain } from "#nin-net/explain/explain.js";
import { imageBatch, predict, predictionOf, predictPictures, softmax } from "#nin-net/inference/predict.js";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

const device = openReference();
const image = { channels: 1, height: 28, width: 28 };

/** Two classes: the mean of the image, and the mean turned over plus one. */
function lightOrDark(): Sequential {
  const conv = new Conv2d(1, 2, 1);
  conv.weight.data = Float32Array.of(1, -1);
  conv.bias!.data = Float32Array.of(0, 1);
  return new Sequential(conv, new AdaptiveAvgPool2d(1), new Flatten());
}

test("softmax by hand, and of scores that overflow", () => {
  const [a, b] = softmax(Float32Array.of(Math.log(3), 0)) as [number, number];
  assert.ok(Math.abs(a - 0.75) < 1e-7 && Math.abs(b - 0.25) < 1e-7);
  assert.deepEqual(softmax(Float32Array.of(5000, 5000, -5000)), [0.5, 0.5, 0]);
});

test("ranks classes; ties stay in the order of the classes", () => {
  const { top, ranked } = predictionOf(Float32Array.of(1, 2, 1), ["a", "b", "c"]);
  assert.equal(top.name, "b");
  assert.deepEqual(
    ranked.map(({ index, name }) => `${index} ${name}`),
    ["1 b", "0 a", "2 c"],
  );
  assert.ok(Math.abs(ranked.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-12);
  assert.equal(predictionOf(Float32Array.of(0, 1), undefined).top.name, "class 1");
});

test("predict and explain say the same of each image of a batch", async () => {
  const net = lightOrDark();
  const images = imageBatch([new Uint8Array(784).fill(255), new Uint8Array(784)], image);
  const classes = ["light", "dark"];
  const predictions = await predict(net, images, { device, classes });
  assert.deepEqual(
    predictions.map(({ top }) => top.name),
    ["light", "dark"],
  );
  const explanations = await explain(net, images, { device, classes });
  assert.deepEqual(
    explanations.map(({ top, ranked, logits }) => ({ top, ranked, logits })),
    predictions,
  );
  const [light, dark] = explanations;
  assert.deepEqual([light!.maps[0]!.data[5], light!.maps[1]!.data[5]], [1, 0]);
  assert.deepEqual([dark!.maps[0]!.data[5], dark!.maps[1]!.data[5]], [0, 1]);
  assert.deepEqual([light!.maps[0]!.height, light!.maps[0]!.width, light!.inputSize], [28, 28, [28, 28]]);
});

test("predictPictures prepares pictures and resizes them", async () => {
  const net = lightOrDark();
  const data = new Uint8ClampedArray(50 * 60 * 4).fill(255);
  for (let y = 20; y < 45; y++) data.fill(30, (y * 50 + 10) * 4, (y * 50 + 30) * 4);
  const picture = { width: 50, height: 60, data };
  const [got] = await predictPictures(net, [picture], { device, resize: 40 });
  const [want] = await predict(net, imageBatch([preparePicture(picture).pixels], image, { resize: 40 }), {
    device,
  });
  assert.deepEqual(got, want);
  assert.deepEqual(await predictPictures(net, [], { device }), []);
});

test("refuses spoilt weights, networks without scores and images of another size", async () => {
  const net = lightOrDark();
  (net.at(0) as Conv2d).weight.data = Float32Array.of(Number.NaN, 1);
  await assert.rejects(predict(net, Tensor.zeros([1, 1, 4, 4]), { device }), {
    name: NinError.name,
    message:
      "The network's scores are not all finite numbers: its weights are spoilt, as by a learning rate that is too high. Train again with a lower one.",
  });
  await assert.rejects(predict(new Conv2d(1, 2, 1), Tensor.zeros([1, 1, 4, 4]), { device }), {
    name: ShapeError.name,
    message:
      "predict: got shape [1, 2, 4, 4], expected [N, classes] from the network. Give a network that ends in class scores, such as NinNet.",
  });
  assert.throws(() => imageBatch([new Uint8Array(783)], image), {
    message:
      "imageBatch: got 783 bytes as image 0, expected 784, 28 * 28. Prepare pictures with preparePicture first.",
  });
});
