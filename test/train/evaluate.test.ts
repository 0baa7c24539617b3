import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { BatchSource } from "#nin-net/train/batch-source.js";
import { evaluate, evaluateAccuracy } from "#nin-net/train/evaluate.js";

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
