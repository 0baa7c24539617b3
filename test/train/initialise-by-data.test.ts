import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import type { Tensor } from "#nin-net/core/tensor.js";
import { ninBlock } from "#nin-net/models/nin.js";
import { SmallNin } from "#nin-net/models/nin-small.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import type { Layer } from "#nin-net/nn/layer.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { PixelBatch } from "#nin-net/train/batch-source.js";
import { initialiseByData } from "#nin-net/train/initialise-by-data.js";

const [count, height, width, channels] = [7, 12, 10, 2] as const;
const pixels = Uint8Array.from(
  { length: count * height * width * channels },
  (_, i) => (i * i * 89 + i * 7) % 251,
);

/** Seven images of two channels, normalized. */
const images: PixelBatch = {
  pixels,
  height,
  width,
  channels,
  preprocessing: { resize: [14, 11], mean: [0.2, 0.4], std: [0.3, 0.5] },
  shape: [count, channels, height, width],
  data: new Float32Array(),
};

function net(): Sequential {
  manualSeed(8);
  return new Sequential(
    ninBlock(2, 6, 3, 1, 1),
    new MaxPool2d(2),
    new Dropout(0.5),
    new Conv2d(6, 5, 3, { bias: false }),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
  );
}

/** The image batch as the network sees it, [N, C, H, W]: by an identity network in float64. */
async function seen(): Promise<Tensor> {
  const { Predictor } = await import("#nin-net/inference/predictor.js");
  const identity = new Conv2d(2, 2, 1, { bias: false });
  identity.weight.data = Float32Array.of(1, 0, 0, 1);
  const whole = new Sequential(identity, new AdaptiveAvgPool2d(1), new Flatten());
  using device = openReference();
  using predictor = await Predictor.open(whole, {
    device,
    image: { height, width, channels },
    preprocessing: images.preprocessing,
    features: ["0"],
  });
  const imageBytes = height * width * channels;
  const each = Array.from({ length: count }, (_, i) => pixels.subarray(i * imageBytes, (i + 1) * imageBytes));
  return (await predictor.run(each)).features["0"]!;
}

/** Mean and variance of each channel of [N, C, H, W], in plain loops. */
function statistics({ shape, data }: Tensor): { mean: number; variance: number }[] {
  const [n, c, h, w] = shape as [number, number, number, number];
  return Array.from({ length: c }, (_, k) => {
    const values: number[] = [];
    for (let i = 0; i < n; i++) values.push(...data.subarray((i * c + k) * h * w, (i * c + k + 1) * h * w));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, variance };
  });
}

/** Runs layer after layer in float64, and gives what each convolution gives. */
async function convolutionOutputs(layers: Iterable<Layer>, input: Tensor): Promise<[Conv2d, Tensor][]> {
  const device = openReference();
  const found: [Conv2d, Tensor][] = [];
  let x = input;
  for (const layer of [...layers].flatMap((each) => (each instanceof Sequential ? [...each] : [each]))) {
    x = await layer.forward(x, { device });
    if (layer instanceof Conv2d) found.push([layer, x]);
  }
  return found;
}

for (const kind of ["reference", "cpu"] as const) {
  test(`on ${kind}, every channel of every convolution has mean 0, where there is a bias, and variance 1`, async () => {
    using device = kind === "reference" ? openReference() : await openWasm({ threads: 2 });
    const own = net();
    const before = statistics((await convolutionOutputs(own, await seen()))[0]![1]);
    assert.ok(before.some(({ variance }) => Math.abs(variance - 1) > 0.1));
    await initialiseByData(own, images, { device, slice: 3 });
    const outputs = await convolutionOutputs(own, await seen());
    assert.equal(outputs.length, 4);
    for (const [i, [layer, output]] of outputs.entries()) {
      for (const [k, { mean, variance }] of statistics(output).entries()) {
        const where = `convolution ${i}, channel ${k}: mean ${mean}, variance ${variance}`;
        if (layer.bias) assert.ok(Math.abs(mean) < 1e-3, where);
        assert.ok(Math.abs(variance - 1) < 1e-3, where);
      }
    }
  });
}

test("the bits do not depend on the number of threads", async () => {
  const weights = [];
  for (const threads of [1, 3]) {
    using device = await openWasm({ threads });
    const own = new SmallNin({ inChannels: 2, widths: [4, 6, 8], norm: "none", init: "data" });
    await initialiseByData(own, images, { device });
    weights.push(own.stateDict());
  }
  assert.deepEqual(weights[0], weights[1]);
});

test("a channel that is constant keeps its weights, and its bias takes its value away", async () => {
  const conv = new Conv2d(2, 2, 1);
  conv.weight.data = Float32Array.of(0, 0, 0.5, 0);
  conv.bias!.data = Float32Array.of(3, 0);
  const own = new Sequential(conv, new AdaptiveAvgPool2d(1), new Flatten());
  await initialiseByData(own, images, { device: openReference() });
  assert.deepEqual([...conv.weight.data.subarray(0, 2)], [0, 0]);
  assert.ok(Math.abs(conv.bias!.data[0]!) < 1e-6);
  const [{ variance }] = [statistics(await seen())[0]!];
  assert.ok(Math.abs(conv.weight.data[2]! - 1 / Math.sqrt(variance)) < 1e-4);
});

test("a channel far from 0 beside its deviation comes out as exactly, in float32", async () => {
  const conv = new Conv2d(2, 2, 1);
  conv.weight.data = Float32Array.of(0.1, 0.05, -0.2, 0.1);
  conv.bias!.data = Float32Array.of(30, -100);
  const own = new Sequential(conv, new AdaptiveAvgPool2d(1), new Flatten());
  using device = await openWasm({ threads: 1 });
  await initialiseByData(own, images, { device });
  for (const { mean, variance } of statistics((await convolutionOutputs(own, await seen()))[0]![1])) {
    assert.ok(Math.abs(mean) < 1e-3 && Math.abs(variance - 1) < 1e-3, `mean ${mean}, variance ${variance}`);
  }
});

test("a signal leaves the network as it was", async () => {
  const own = net();
  const before = own.stateDict();
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(initialiseByData(own, images, { device: openReference(), signal }), /enough/);
  assert.deepEqual(own.stateDict(), before);
});
