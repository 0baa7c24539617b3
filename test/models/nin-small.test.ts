import assert from "node:assert/strict";
import { test } from "node:test";
import { NinNet } from "#nin-net/models/nin.js";
import { SmallNin } from "#nin-net/models/nin-small.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { GroupNorm } from "#nin-net/nn/layers/group-norm.js";
import { summarize } from "#nin-net/nn/summary.js";

const kinds = (net: SmallNin | NinNet) => net.layers.map(({ kind }) => kind);

test("three blocks, a map of each class, no ReLU after the maps", () => {
  const net = new SmallNin();
  const blocks = ["Sequential", "Sequential", "MaxPool2d", "Sequential"];
  assert.deepEqual(kinds(net), [...blocks, "Dropout", "Conv2d", "AdaptiveAvgPool2d", "Flatten"]);
  const { children } = summarize(net, [1, 1, 28, 28]);
  assert.deepEqual(
    children.map(({ outputShape }) => outputShape.join("x")),
    ["1x48x14x14", "1x96x14x14", "1x96x6x6", "1x192x6x6", "1x192x6x6", "1x10x6x6", "1x10x1x1", "1x10"],
  );
  // Worked by hand: kernels and the two numbers a channel of each normalization; the class maps have biases.
  const block = (kernel: number, from: number, to: number) =>
    kernel * kernel * from * to + 2 * to * to + 6 * to;
  assert.equal(net.parameterCount, block(5, 1, 48) + block(3, 48, 96) + block(3, 96, 192) + 192 * 10 + 10);
  assert.equal(net.parameterCount, 309_274);
});

test("with stride 1 the first block sees every pixel, and pooling follows it", () => {
  const net = new SmallNin({ stride: 1 });
  const { children } = summarize(net, [1, 1, 28, 28]);
  assert.deepEqual(
    children.slice(0, 4).map(({ outputShape }) => outputShape.join("x")),
    ["1x48x28x28", "1x48x14x14", "1x96x14x14", "1x96x6x6"],
  );
  assert.equal(net.parameterCount, 309_274);
  assert.deepEqual(net.outputShape([1, 1, 5, 5]), [1, 10]);
});

test("each stage is as deep as asked, at the size and width of its first block", () => {
  const net = new SmallNin({ stride: 1, depth: 2 });
  const { children } = summarize(net, [1, 1, 28, 28]);
  assert.deepEqual(
    children.slice(0, 8).map(({ outputShape }) => outputShape.join("x")),
    [
      ...["1x48x28x28", "1x48x28x28", "1x48x14x14", "1x96x14x14", "1x96x14x14"],
      ...["1x96x6x6", "1x192x6x6", "1x192x6x6"],
    ],
  );
  // Worked by hand: each further block has a 3x3 and two 1x1 convolutions between as many channels.
  const further = (channels: number) => 11 * channels * channels + 6 * channels;
  assert.equal(net.parameterCount, 309_274 + further(48) + further(96) + further(192));
});

test("takes other widths, channels, classes and norms", () => {
  const net = new SmallNin({ widths: [8, 16, 24], inChannels: 3, classes: 4, norm: "group", dropout: 0.2 });
  assert.deepEqual(net.outputShape([2, 3, 32, 40]), [2, 4]);
  const [block] = net.layers as [SmallNin];
  assert.ok(block.layers.some((layer) => layer instanceof GroupNorm));
});

test("NinNet with other options keeps the tutorial's layers beside them", () => {
  const plain = new NinNet({ init: "he", lastRelu: false });
  assert.equal(plain.parameterCount, 1_992_166);
  assert.deepEqual(kinds(plain), kinds(new NinNet()));
  assert.equal((plain.layers[7] as NinNet).layers.at(-1)!.kind, "Conv2d");
  const normalized = new NinNet({ norm: "batch" });
  const channels = 3 * (96 + 256 + 384 + 10);
  assert.equal(normalized.parameterCount, 1_992_166 + 2 * channels);
  assert.ok((normalized.layers[0] as NinNet).layers[1] instanceof BatchNorm2d);
});

test("he: biases 0, weights of He's variance; dirac: square 1x1 convolutions are the identity", () => {
  const he = new NinNet({ init: "he", seed: 4 }).stateDict();
  assert.ok(he["model.2.0.bias"]!.data.every((value) => value === 0));
  const { data } = he["model.4.2.weight"]!;
  const meanSquare = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  assert.ok(Math.abs(meanSquare / (2 / 384) - 1) < 0.02, `mean square ${meanSquare}`);
  const dirac = new NinNet({ init: "dirac", seed: 4 }).stateDict();
  assert.deepEqual(
    [...dirac["model.7.2.weight"]!.data],
    Array.from({ length: 100 }, (_, i) => Number(i % 11 === 0)),
  );
  assert.deepEqual(dirac["model.4.0.weight"], he["model.4.0.weight"]);
});
