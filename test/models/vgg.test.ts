import assert from "node:assert/strict";
import { test } from "node:test";
import { createModel } from "#nin-net/models/models.js";
import { VGG, vggBlock } from "#nin-net/models/vgg.js";
import { summaryLines } from "#nin-net/nn/summary.js";

/** Worked by hand: 3x3 kernels and biases, then the Linear layers. */
function parameters(widths: readonly number[], classes = 10): number {
  const [a, b, c, d, e] = widths as [number, number, number, number, number];
  const pairs = [
    [1, a],
    [a, b],
    [b, c],
    [c, c],
    [c, d],
    [d, d],
    [d, e],
    [e, e],
  ] as const;
  const convolutions = pairs.reduce((sum, [from, to]) => sum + 9 * from * to + to, 0);
  return convolutions + 49 * e * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * classes + classes;
}

test("its layers are d2l.ai's, with channels divided by 4", () => {
  const net = new VGG();
  assert.deepEqual(
    summaryLines(net, [1, 1, 224, 224]).filter((line) => !line.startsWith("ReLU")),
    [
      "Sequential output shape: [1, 16, 112, 112]",
      "Sequential output shape: [1, 32, 56, 56]",
      "Sequential output shape: [1, 64, 28, 28]",
      "Sequential output shape: [1, 128, 14, 14]",
      "Sequential output shape: [1, 128, 7, 7]",
      "Flatten output shape: [1, 6272]",
      "Linear output shape: [1, 4096]",
      "Dropout output shape: [1, 4096]",
      "Linear output shape: [1, 4096]",
      "Dropout output shape: [1, 4096]",
      "Linear output shape: [1, 10]",
    ],
  );
  assert.equal(net.parameterCount, parameters([16, 32, 64, 128, 128]));
  assert.equal(net.parameterCount, 43_093_322);
});

test("the full network is an option", () => {
  const net = createModel("vgg", { channels: 1, classes: 10 }, { ratio: 1 });
  assert.equal(net.parameterCount, parameters([64, 128, 256, 512, 512]));
  assert.equal(net.parameterCount, 128_806_154);
  assert.throws(() => createModel("vgg", { channels: 1, classes: 10 }, { ratio: 0 }), {
    message: /^Network vgg, option ratio: /,
  });
});

test("its weights have d2l.ai's names", () => {
  const convolutions = ["0.0", "1.0", "2.0", "2.2", "3.0", "3.2", "4.0", "4.2"];
  const names = [...convolutions, "6", "9", "12"].flatMap((layer) => [
    `net.${layer}.weight`,
    `net.${layer}.bias`,
  ]);
  assert.deepEqual(
    new VGG().namedParameters().map(([name]) => name),
    names,
  );
});

test("takes other channels, classes and sizes from 32 on", () => {
  const net = new VGG({ inChannels: 3, classes: 4, size: [32, 64], ratio: 8 });
  assert.deepEqual(net.outputShape([2, 3, 32, 64]), [2, 4]);
  assert.throws(() => new VGG({ size: [31, 31] }), {
    name: "ShapeError",
    message:
      /^VGG layer 4\.4 \(MaxPool2d\): got shape \[1, 128, 1, 1\], expected images of at least 2x2 pixels/,
  });
  assert.equal(vggBlock(2, 3, 8).length, 5);
});
