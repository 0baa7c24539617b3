import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { BatchSource } from "#nin-net/train/batch-source.js";
import { evaluate, evaluateAccuracy } from "#nin-net/train/evaluate.js";
import { Session } from "#nin-net/train/session.js";

/** Two pixels an image; the scores are the pixels times 2 and a third one of 1. */
function scorer(): Sequential {
  const linear = new Linear(2, 3);
  linear.weight.data = Float32Array.of(2, 0, 0, 2, 0, 0);
  linear.bias!.data = Float32Array.of(0, 0, 1);
  return new Sequential(new Flatten(), linear);
}

/** Images and labels in batches of two. */
function source(images: readonly (readonly [number, number])[], labels: readonly number[]): BatchSource {
  return {
    count: images.length,
    batchSize: 2,
    batchCount: Math.ceil(images.length / 2),
    *batches() {
      for (let start = 0; start < images.length; start += 2) {
        const chosen = images.slice(start, start + 2);
        const pixels = Uint8Array.from(chosen.flat());
        const shape = [chosen.length, 1, 1, 2];
        const data = Float32Array.from(pixels, (value) => value / 255);
        yield [
          {
            pixels,
            height: 1,
            width: 2,
            channels: 1,
            preprocessing: { resize: null, mean: null, std: null },
            shape,
            data,
          },
          Uint8Array.from(labels.slice(start, start + 2)),
        ];
      }
    },
  };
}

// Scores [2, 0, 1] -> 0, [0, 2, 1] -> 1, [0, 0, 1] -> 2, [2, 0, 1] -> 0, [2, 2, 1] -> 0 (the first wins).
const images = [
  [255, 0],
  [0, 255],
  [0, 0],
  [255, 0],
  [255, 255],
] as const;
const labels = [0, 1, 1, 2, 0];

test("confusion, accuracy, precision, recall and F1, worked by hand", async () => {
  const device = openReference();
  const result = await evaluate(scorer(), source(images, labels), { device, classes: ["a", "b", "c"] });
  assert.deepEqual(result.confusion, [
    [2, 0, 0],
    [0, 1, 1],
    [1, 0, 0],
  ]);
  assert.equal(result.testAccuracy, 3 / 5);
  assert.deepEqual(result.perClass, [
    { name: "a", precision: 2 / 3, recall: 1, f1: 0.8, support: 2 },
    { name: "b", precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2 },
    { name: "c", precision: 0, recall: 0, f1: 0, support: 1 },
  ]);
  assert.deepEqual(result.silentClasses, []);
  const loss = (scores: readonly number[], label: number): number =>
    Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[label]!;
  const sum =
    loss([2, 0, 1], 0) + loss([0, 2, 1], 1) + loss([0, 0, 1], 1) + loss([2, 0, 1], 2) + loss([2, 2, 1], 0);
  assert.ok(Math.abs(result.testLossNats - sum / 5) < 1e-6);
});

test("with flips the scores are the means of an image's and its mirror image's, worked by hand", async () => {
  const given: number[][] = [];
  const onScores = (scores: Float32Array): void => void given.push([...scores]);
  const result = await evaluate(scorer(), source(images, labels), {
    device: openReference(),
    flips: true,
    onScores,
  });
  // [2, 0, 1] and [0, 2, 1] are each other's mirror images: [1, 1, 1]; two white pixels stay [2, 2, 1].
  assert.deepEqual(given, [
    [1, 1, 1, 1, 1, 1],
    [0, 0, 1, 1, 1, 1],
    [2, 2, 1],
  ]);
  assert.deepEqual(result.confusion, [
    [2, 0, 0],
    [1, 0, 1],
    [1, 0, 0],
  ]);
  const sum = 3 * Math.log(3) + Math.log(2 + Math.E) + Math.log(2 + 1 / Math.E);
  assert.ok(Math.abs(result.testLossNats - sum / 5) < 1e-6, `${result.testLossNats}`);
});

for (const kind of ["reference", "cpu"] as const) {
  test(`flips on ${kind}: the mean of two evaluations, one of images that were mirrored before`, async () => {
    using device = kind === "reference" ? openReference() : await openWasm({ threads: 2 });
    manualSeed(4);
    const net = new Sequential(
      new Conv2d(2, 5, 3),
      new BatchNorm2d(5),
      new ReLU(),
      new Conv2d(5, 4, 3),
      new AdaptiveAvgPool2d(1),
      new Flatten(),
    );
    const [height, width, channels, count] = [5, 7, 2, 7];
    const pixels = Uint8Array.from({ length: count * height * width * channels }, (_, i) => (i * 89) % 251);
    const turned = Uint8Array.from(pixels, (_, i) => {
      const [k, column, rest] = [i % 2, Math.floor(i / 2) % width, Math.floor(i / 2 / width)];
      return pixels[(rest * width + (width - 1 - column)) * 2 + k]!;
    });
    const preprocessing = { resize: [9, 11], mean: [0.3, 0.4], std: [0.5, 0.6] } as const;
    const classes = Uint8Array.of(0, 1, 2, 3, 0, 1, 2);
    const scoresOf = async (bytes: Uint8Array, flips: boolean): Promise<Float32Array> => {
      using session = await Session.open(net, device, { slice: 3 });
      const batch = {
        pixels: bytes,
        height,
        width,
        channels,
        preprocessing,
        shape: [],
        data: new Float32Array(),
      };
      return (await session.evaluate(batch, classes, flips)).logits;
    };
    const [plain, mirrored] = [await scoresOf(pixels, false), await scoresOf(turned, false)];
    assert.notDeepEqual(plain, mirrored);
    const both = await scoresOf(pixels, true);
    assert.equal(both.length, 28);
    for (const [i, score] of both.entries()) {
      const mean = (plain[i]! + mirrored[i]!) / 2;
      assert.ok(Math.abs(score - mean) < 1e-6, `score ${i}: ${score}, expected ${mean}`);
    }
  });
}

test("evaluateAccuracy is the accuracy alone; classes are numbered without names", async () => {
  const device = openReference();
  assert.equal(await evaluateAccuracy(scorer(), source(images, labels), { device }), 3 / 5);
  const { perClass } = await evaluate(scorer(), source(images, labels), { device });
  assert.equal(perClass[2]!.name, "class 2");
});

test("refuses to evaluate on no images; an aborted signal rejects", async () => {
  const device = openReference();
  await assert.rejects(evaluate(scorer(), source([], []), { device }), /evaluate: got no images/);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(evaluate(scorer(), source(images, labels), { device, signal }), /enough/);
});
