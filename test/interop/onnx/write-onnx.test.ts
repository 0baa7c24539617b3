import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ShapeError } from "#nin-net/core/errors.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import type { Node } from "#nin-net/graph/node.js";
import { type OnnxOptions, writeOnnx } from "#nin-net/interop/onnx/write-onnx.js";
import { NinNet } from "#nin-net/models/nin.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Layer } from "#nin-net/nn/layer.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { AvgPool2d } from "#nin-net/nn/layers/avg-pool-2d.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { GroupNorm } from "#nin-net/nn/layers/group-norm.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Sigmoid } from "#nin-net/nn/layers/sigmoid.js";
import { Tanh } from "#nin-net/nn/layers/tanh.js";
import { runOrt } from "./ort.js";

const python = "/usr/bin/python3";
const hasOnnx = spawnSync(python, ["-c", "import onnx"]).status === 0;
const skip = hasOnnx ? false : `${python} has no ONNX (Debian: apt-get install python3-onnx)`;

function assertClose(actual: Float32Array, expected: Float32Array, tolerance = 1e-4, what = "logit"): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const off = Math.abs(value - expected[i]!);
    assert.ok(off < tolerance, `${what} ${i}: ONNX Runtime's ${value}, ours ${expected[i]}`);
  });
}

const net = new NinNet({ seed: 7 });
const mnist = { channels: 1, height: 28, width: 28 };
const pixels = Uint8Array.from({ length: 3 * 28 * 28 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

test("ONNX Runtime computes the network's logits, for one image and for three", async () => {
  const model = writeOnnx(net, { imageShape: [1, 96, 96] });
  for (const count of [1, 3]) {
    const images = new ImageBatch(
      pixels.subarray(0, count * 28 * 28),
      { channels: 1, height: 28, width: 28 },
      { resize: 96 },
    );
    const ours = await net.forward(images);
    assert.ok(ours.data.some((value) => value > 0.01));
    const result = await runOrt(model, images.data, images.shape);
    assert.deepEqual(result.inputNames, ["images"]);
    assert.deepEqual(result.outputNames, ["logits"]);
    assert.deepEqual(result.dims, [count, 10]);
    assertClose(result.data, ours.data);
  }
});

for (const resize of [96, 113, 224]) {
  test(`with its preparation it takes stored bytes, resized to ${resize}`, async () => {
    const options: OnnxOptions = { preprocess: { image: mnist, preprocessing: { resize } } };
    const model = writeOnnx(net, options);
    const ours = await net.forward(
      new ImageBatch(pixels, { channels: 1, height: 28, width: 28 }, { resize: resize }),
    );
    const result = await runOrt(model, pixels, [3, 28, 28]);
    assert.deepEqual(result.inputNames, ["pixels"]);
    assertClose(result.data, ours.data);
  });
}

test("the preparation makes the pixels that the network is trained on", async () => {
  const plain = new Sequential(new Flatten());
  for (const size of [96, 113, 224]) {
    const options: OnnxOptions = { preprocess: { image: mnist, preprocessing: { resize: size } } };
    const { data } = await runOrt(writeOnnx(plain, options), pixels, [3, 28, 28]);
    assertClose(
      data,
      new ImageBatch(pixels, { channels: 1, height: 28, width: 28 }, { resize: size }).data,
      2e-6,
      "pixel",
    );
  }
});

test("every layer has its ONNX op: padding, strides, windows, no bias, dropout", async () => {
  manualSeed(3);
  const odd = new Sequential(
    new Conv2d(2, 5, 3, { stride: 2, padding: 1, bias: false }),
    new Sequential(new ReLU(), new Dropout(0.3)),
    new MaxPool2d(3, { stride: 2, padding: 1 }),
    new AdaptiveAvgPool2d([2, 1]),
    new Flatten(),
    new Linear(10, 4),
    new Linear(4, 3, { bias: false }),
    new Dropout(),
  );
  const x = Tensor.random([2, 2, 13, 9], 5); // -> 7x5 -> 4x3
  const model = writeOnnx(odd, { imageShape: [2, 13, 9] });
  const result = await runOrt(model, x.data, x.shape);
  assert.deepEqual(result.dims, [2, 3]);
  assertClose(result.data, (await odd.forward(x)).data, 1e-5);
});

test("a network that does nothing is a model too", async () => {
  const x = Tensor.random([2, 1, 2, 2], 1);
  const result = await runOrt(writeOnnx(new Dropout(), { imageShape: [1, 2, 2] }), x.data, x.shape);
  assert.deepEqual([...result.data], [...x.data]);
});

test("images of the network's own size are not resized", async () => {
  const plain = new Sequential(new Flatten());
  const model = writeOnnx(plain, {
    preprocess: { image: { channels: 1, height: 2, width: 3 }, preprocessing: {} },
  });
  const { data } = await runOrt(model, Uint8Array.of(0, 51, 102, 153, 204, 255), [1, 2, 3]);
  assertClose(data, Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1), 1e-7);
});

test("ONNX Runtime resizes to sizes that no float32 scale gives", async () => {
  // In float32, 28 * (227 / 28) is less than 227; in float64, 28 * float32(113 / 28) is less than 113.
  const odd = [
    [227, 227],
    [113, 96],
    [29, 19],
  ] as const;
  for (const [height, width] of odd) {
    const preprocessing = { resize: [height, width] as const };
    const model = writeOnnx(new Sequential(new Flatten()), { preprocess: { image: mnist, preprocessing } });
    const { dims, data } = await runOrt(model, pixels, [3, 28, 28]);
    assert.deepEqual(dims, [3, height * width]);
    assertClose(data, new ImageBatch(pixels, mnist, preprocessing).data, 1e-5, "pixel");
  }
});

test("ONNX's checker accepts the models, infers every shape, and finds names and metadata", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "nin-onnx-"));
  try {
    const metadata = { classes: '["a","b"]', größe: "224" };
    const options = { metadata, producerVersion: "1.2.3" };
    const preprocess = { image: mnist, preprocessing: { resize: 224 } };
    const files = ["plain.onnx", "prepared.onnx", "odd.onnx"].map((name) => join(folder, name));
    writeFileSync(files[0]!, writeOnnx(net, { ...options, imageShape: [1, 224, 224] }));
    writeFileSync(files[1]!, writeOnnx(net, { ...options, preprocess }));
    const odd = { image: mnist, preprocessing: { resize: 227 } };
    writeFileSync(files[2]!, writeOnnx(net, { ...options, preprocess: odd }));
    const script = join("test", "oracle", "check-onnx.py");
    const { status, stdout, stderr } = spawnSync(python, [script, ...files], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const [plain, prepared, computed] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

    const shapes = Object.fromEntries(net.namedParameters().map(([name, { shape }]) => [name, shape]));
    assert.deepEqual(plain.weights, shapes);
    assert.deepEqual(plain.producer, ["nin-net", "1.2.3"]);
    assert.deepEqual(plain.opset, [["", 13]]);
    assert.equal(plain.irVersion, 7);
    assert.deepEqual(plain.metadata, metadata);
    assert.deepEqual(plain.inputs, [["images", "FLOAT", ["batch", 1, 224, 224]]]);
    assert.deepEqual(plain.outputs, [["logits", "FLOAT", ["batch", 10]]]);
    assert.deepEqual(plain.nodes.slice(0, 3), [
      ["0.0.Conv2d", "Conv"],
      ["0.1.ReLU", "Relu"],
      ["0.2.Conv2d", "Conv"],
    ]);
    assert.equal(plain.nodes.length, 4 * 6 + 3 + 2);
    assert.equal(plain.inferred, plain.nodes.length - 1);

    assert.deepEqual(prepared.inputs, [["pixels", "UINT8", ["batch", 28, 28]]]);
    assert.deepEqual(prepared.outputs, plain.outputs);
    // docs/export.md names the Cast for float16.convert_float_to_float16.
    const head = [
      ["prepare.Cast", "Cast"],
      ["prepare.Div", "Div"],
      ["prepare.Reshape", "Reshape"],
    ];
    assert.deepEqual(prepared.nodes.slice(0, 5), [
      ...head,
      ["prepare.Resize", "Resize"],
      ["0.0.Conv2d", "Conv"],
    ]);
    assert.deepEqual(prepared.weights["prepare.scales"], [4]);
    assert.equal(prepared.inferred, prepared.nodes.length - 1);
    assert.deepEqual(
      computed.nodes.slice(3, 8).map(([, op]: [string, string]) => op),
      ["Shape", "Slice", "Concat", "Resize", "Conv"],
    );
    assert.equal(computed.inferred, computed.nodes.length - 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("ONNX Runtime computes what normalization, average pooling and activations give", async () => {
  manualSeed(4);
  const batchNorm = new BatchNorm2d(6);
  const plain = new BatchNorm2d(6, { affine: false });
  const groupNorm = new GroupNorm(3, 6);
  const values = (count: number, from: number) =>
    Float32Array.from({ length: count }, (_, i) => from + i / 7);
  for (const norm of [batchNorm, plain]) {
    norm.runningMean.data = values(6, -0.3);
    norm.runningVar.data = values(6, 0.2);
  }
  for (const norm of [batchNorm, groupNorm]) {
    norm.weight!.data = values(6, 0.5);
    norm.bias!.data = values(6, -0.5);
  }
  const layers = [batchNorm, new Sigmoid(), groupNorm, new AvgPool2d(2), new Tanh(), plain];
  const bare = new GroupNorm(2, 6, { affine: false });
  const model = new Sequential(new Conv2d(1, 6, 3), ...layers, bare);
  const x = Tensor.random([3, 1, 8, 6]);
  const ours = await model.forward(x);
  const result = await runOrt(writeOnnx(model, { imageShape: [1, 8, 6] }), x.data, x.shape);
  assert.deepEqual(result.dims, [3, 6, 3, 2]);
  assertClose(result.data, ours.data);
});

test("what ONNX cannot say is refused", () => {
  const average = new Sequential(new AdaptiveAvgPool2d([2, 2]));
  assert.throws(() => writeOnnx(average, { imageShape: [1, 5, 4] }), {
    name: "NinError",
    message:
      "Sequential layer 0 (AdaptiveAvgPool2d): got 5x4 pixels for 2x2 windows, expected windows of one size, " +
      "the only ones that ONNX has. Choose another outputSize or input size.",
  });
  class Twice extends Layer {
    override readonly kind = "Twice";
    override trace(x: Node): Node {
      return x;
    }
  }
  assert.throws(() => writeOnnx(new Sequential(new Twice()), { imageShape: [1, 5, 4] }), {
    message:
      "Sequential layer 0 (Twice): got a layer of your own, expected those of this package. " +
      "Build it of these, so that ONNX has a word for it.",
  });
  const coloured = new NinNet({ inChannels: 3 });
  const preprocess = { image: mnist, preprocessing: { resize: 96 } };
  assert.throws(() => writeOnnx(coloured, { preprocess }), ShapeError);
  assert.throws(() => writeOnnx(net, { imageShape: [1, 20, 20] }), ShapeError);
});
