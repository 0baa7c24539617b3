import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { Loss } from "#nin-net/nn/losses.js";
import { meanClasses } from "#nin-net/ops/composites/classes.js";
import { square } from "#nin-net/ops/pointwise/arithmetic.js";
import type { BatchSource } from "#nin-net/train/batch-source.js";
import { findLearningRate, type RatePoint, suggestedRate } from "#nin-net/train/find-learning-rate.js";
import { presets } from "#nin-net/train/recipe.js";
import { patches } from "./patches.js";

/** One white pixel. */
const white: BatchSource = {
  count: 1,
  batchSize: 1,
  batchCount: 1,
  *batches() {
    yield [
      {
        pixels: Uint8Array.of(255),
        height: 1,
        width: 1,
        channels: 1,
        preprocessing: { resize: null, mean: null, std: null },
        shape: [1, 1, 1, 1],
        data: Float32Array.of(1),
      },
      Uint8Array.of(0),
    ];
  },
};

/** The squared score: of one weight on one white pixel, w^2. */
const squaredScore: Loss = (logits) => meanClasses(square(logits));

test("the losses are those of gradient descent on a parabola, whose rates go from the first to the last evenly", async () => {
  const linear = new Linear(1, 1, { bias: false });
  linear.weight.data = Float32Array.of(1);
  const net = new Sequential(new Flatten(), linear);
  const { points, reason, suggestion } = await findLearningRate(
    net,
    white,
    {},
    { device: openReference(), loss: squaredScore, from: 1e-4, to: 10, steps: 51 },
  );
  // The loss is w^2, and a step, at a rate in float32, makes w (1 - 2 lr): above a rate of 1 it grows.
  let w = 1;
  let [sum, weight] = [0, 0];
  for (const [i, point] of points.entries()) {
    const lr = 1e-4 * 10 ** (i / 10);
    assert.ok(Math.abs(point.lr - lr) < 1e-12 * lr, `step ${i}: rate ${point.lr}, expected ${lr}`);
    [sum, weight] = [0.9 * sum + w ** 2, 0.9 * weight + 1];
    assert.ok(
      Math.abs(point.lossNats - w ** 2) < 1e-4 * w ** 2 + 1e-9,
      `step ${i}: ${point.lossNats}, not ${w ** 2}`,
    );
    assert.ok(Math.abs(point.smoothedNats - sum / weight) < 1e-4 * (sum / weight), `step ${i}`);
    w *= 1 - 2 * lr;
  }
  assert.equal(reason, "diverged");
  const lowest = Math.min(...points.map(({ smoothedNats }) => smoothedNats));
  assert.ok(points.at(-1)!.smoothedNats > 4 * lowest);
  assert.ok(suggestion! > 0.01 && suggestion! < 1, `suggests ${suggestion}`);
});

/** Points at rates of 1, 2, 4, ... with these smoothed losses. */
const curve = (losses: readonly number[]): RatePoint[] =>
  losses.map((smoothedNats, i) => ({ lr: 2 ** i, lossNats: smoothedNats, smoothedNats }));

test("the suggestion is where the smoothed loss falls most steeply before its lowest point", () => {
  const flat = new Array<number>(10).fill(2.3);
  // Falls by 0.1, 0.3 and 0.5, then 0.2: over two steps, most around the fourth point after the flat part.
  assert.equal(suggestedRate(curve([...flat, 2.3, 2.2, 1.9, 1.4, 1.2, 1.3, 4])), 2 ** 12);
  // What falls after the lowest point or within the first ten steps, counts for nothing.
  assert.equal(suggestedRate(curve([9, 8, ...flat.slice(2), 2.3, 2, 1.9, 1.8, 1.7, 5, 2, 2])), 2 ** 11);
});

test("nothing is suggested where the loss stays where it is, or there are too few points", () => {
  assert.equal(suggestedRate(curve(new Array<number>(40).fill(2.3))), null);
  assert.equal(suggestedRate(curve([...new Array<number>(20).fill(2.3), 2.28, 2.3])), null);
  assert.equal(suggestedRate(curve([2.3, 2.2, 1])), null);
  assert.equal(suggestedRate([]), null);
});

function small(): Sequential {
  manualSeed(3);
  return new Sequential(
    new Conv2d(1, 4, 3, { stride: 2 }),
    new BatchNorm2d(4),
    new ReLU(),
    new Dropout(0.2),
    new Flatten(),
    new Linear(36, 3),
  );
}

test("a recipe's optimizer and augmentations are used; the network and its running statistics stay as they were", async () => {
  const net = small();
  const before = net.stateDict();
  const recipe = { ...presets.fast, slice: null, seed: 5 };
  const search = () => findLearningRate(net, patches(30, 8), recipe, { device: openReference(), steps: 40 });
  const { points, suggestion } = await search();
  assert.deepEqual(net.stateDict(), before);
  assert.ok(points.length > 20); // more than the four steps of an epoch
  assert.ok(suggestion! > 1e-4, `suggests ${suggestion}`);
  assert.deepEqual((await search()).points, points);
  const plain = await findLearningRate(net, patches(30, 8), {}, { device: openReference(), steps: 40 });
  assert.notDeepEqual(plain.points[5], points[5]);
});

test("a signal ends the search after the step", async () => {
  const controller = new AbortController();
  const seen: RatePoint[] = [];
  const { points, reason } = await findLearningRate(
    small(),
    patches(30, 8),
    {},
    {
      device: openReference(),
      signal: controller.signal,
      onPoint: (point) => {
        seen.push(point);
        if (seen.length === 3) controller.abort();
      },
    },
  );
  assert.equal(reason, "stopped");
  assert.equal(points.length, 3);
  assert.deepEqual(seen, points);
});

test("an option out of range is refused", async () => {
  const search = (options: object) =>
    findLearningRate(small(), patches(9, 9), {}, { device: openReference(), ...options });
  await assert.rejects(search({ from: 1, to: 0.1 }), {
    message:
      "findLearningRate: got rates from 1 to 0.1, expected them above 0 and rising. Give a lower from or a higher to.",
  });
  await assert.rejects(search({ steps: 5 }), {
    message: "findLearningRate: got 5 steps, expected a whole number from 20 up. Give more of them.",
  });
});
