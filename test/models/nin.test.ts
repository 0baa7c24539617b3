import assert from "node:assert/strict";
import { test } from "node:test";
import { NinNet, ninBlock } from "#nin-net/models/nin.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { summarize, summaryLines } from "#nin-net/nn/summary.js";

const tutorialLines = [
  "Sequential output shape: [1, 96, 54, 54]",
  "MaxPool2d output shape: [1, 96, 26, 26]",
  "Sequential output shape: [1, 256, 26, 26]",
  "MaxPool2d output shape: [1, 256, 12, 12]",
  "Sequential output shape: [1, 384, 12, 12]",
  "MaxPool2d output shape: [1, 384, 5, 5]",
  "Dropout output shape: [1, 384, 5, 5]",
  "Sequential output shape: [1, 10, 5, 5]",
  "AdaptiveAvgPool2d output shape: [1, 10, 1, 1]",
  "Flatten output shape: [1, 10]",
];

test("its layers are the tutorial's", () => {
  const net = new NinNet();
  assert.deepEqual(summaryLines(net, [1, 1, 224, 224]), tutorialLines);
  assert.equal(net.parameterCount, 1_992_166);
  assert.deepEqual(
    ninBlock(1, 96, 11, 4, 0).layers.map((layer) => layer.kind),
    ["Conv2d", "ReLU", "Conv2d", "ReLU", "Conv2d", "ReLU"],
  );
});

test("its weights have the names and shapes of the tutorial's PyTorch class", () => {
  const shapes = new Map(new NinNet().namedParameters().map(([name, { shape }]) => [name, shape]));
  const names = [0, 2, 4, 7].flatMap((block) =>
    [0, 2, 4].flatMap((layer) => [`model.${block}.${layer}.weight`, `model.${block}.${layer}.bias`]),
  );
  assert.deepEqual([...shapes.keys()], names);
  assert.deepEqual(shapes.get("model.0.0.weight"), [96, 1, 11, 11]);
  assert.deepEqual(shapes.get("model.2.0.weight"), [256, 96, 5, 5]);
  assert.deepEqual(shapes.get("model.7.4.bias"), [10]);
});

test("weights start Xavier-uniform, biases in +-1/sqrt(fan in); a seed decides them", () => {
  const weights = new NinNet({ seed: 3 }).stateDict();
  const expectUniform = (name: string, bound: number): void => {
    const { data } = weights[name]!;
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest <= bound && largest > 0.9 * bound, `${name}: largest ${largest}, bound ${bound}`);
  };
  expectUniform("model.0.0.weight", Math.sqrt(6 / (121 + 96 * 121)));
  expectUniform("model.4.2.weight", Math.sqrt(6 / (384 + 384)));
  expectUniform("model.0.0.bias", 1 / Math.sqrt(121));
  const { data } = weights["model.4.2.weight"]!;
  const meanSquare = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  // A uniform variable in +-b has variance b^2 / 3; 147,456 draws are within 1 % of it.
  assert.ok(Math.abs(meanSquare / (6 / 768 / 3) - 1) < 0.01, `mean square ${meanSquare}`);

  assert.deepEqual(new NinNet({ seed: 3 }).stateDict()["model.7.4.weight"], weights["model.7.4.weight"]);
  assert.notDeepEqual(new NinNet().stateDict()["model.7.4.weight"], weights["model.7.4.weight"]);
});

test("multiply-adds of the whole network and of its parts", () => {
  const row = summarize(new NinNet(), [1, 1, 224, 224]);
  // Worked by hand: output pixels x kernel x channels in x channels out.
  const first = 54 * 54 * 121 * 96;
  const blocks = [
    first + 2 * 54 * 54 * 96 * 96,
    26 * 26 * 25 * 96 * 256 + 2 * 26 * 26 * 256 * 256,
    144 * 9 * 256 * 384 + 2 * 144 * 384 * 384,
    25 * 9 * 384 * 10 + 2 * 25 * 10 * 10,
  ];
  assert.equal(
    row.multiplyAdds,
    blocks.reduce((a, b) => a + b),
  );
  assert.deepEqual(
    row.children.filter(({ kind }) => kind === "Sequential").map(({ multiplyAdds }) => multiplyAdds),
    blocks,
  );
  const inner = row.children[0]!.children[0]!;
  assert.deepEqual(inner, {
    path: "0.0",
    kind: "Conv2d",
    label: "Conv2d(1, 96, kernelSize=11, stride=4)",
    outputShape: [1, 96, 54, 54],
    parameters: 96 * 121 + 96,
    multiplyAdds: first,
    activationBytes: 96 * 54 * 54 * 4,
    children: [],
  });
  assert.equal(row.children[0]!.activationBytes, 6 * inner.activationBytes);
  assert.equal(row.parameters, 1_992_166);
});

test("67 pixels are the least; below, the layer that has too few says so", () => {
  assert.deepEqual(new NinNet().outputShape([2, 1, 67, 67]), [2, 10]);
  assert.throws(() => new NinNet().outputShape([2, 1, 66, 66]), {
    message:
      "NinNet layer 5 (MaxPool2d): got shape [2, 384, 2, 2], expected images of at least 3x3 pixels for kernel 3 with padding 0. Use larger images (resize), a smaller kernel or more padding.",
  });
  assert.throws(() => new NinNet().outputShape([1, 3, 224, 224]), {
    message: /^NinNet layer 0\.0 \(Conv2d\): got shape \[1, 3, 224, 224\], expected \[N, 1, H, W\]/,
  });
});

test("takes other channels and classes", () => {
  const net = new NinNet({ inChannels: 3, classes: 4, dropout: 0.1 });
  assert.deepEqual(net.outputShape([1, 3, 224, 224]), [1, 4]);
  assert.ok(net instanceof Sequential);
});
