import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Session } from "#nin-net/train/session.js";
import { run } from "../run.js";

test("x W^T + b, worked by hand", async () => {
  const layer = new Linear(3, 2);
  layer.weight.data = Float32Array.of(1, 2, 3, 10, 20, 30);
  layer.bias!.data = Float32Array.of(0.5, -0.5);
  const y = await run(layer, [2, 3], [1, 1, 1, 0, 0, 2]);
  assert.deepEqual(y.shape, [2, 2]);
  assert.deepEqual([...y.data], [6.5, 59.5, 6.5, 59.5]);
});

test("after Flatten it weighs channels first, as PyTorch's weights expect", async () => {
  const layer = new Linear(4, 1, { bias: false });
  layer.weight.data = Float32Array.of(1, 10, 100, 1000);
  // [1, 2, 1, 2]: channel 0 is 1, 2; channel 1 is 3, 4.
  const y = await run(new Sequential(new Flatten(), layer), [1, 2, 1, 2], [1, 2, 3, 4]);
  assert.deepEqual([...y.data], [4321]);
});

test("refuses other features and images", () => {
  const layer = new Linear(3, 2);
  assert.throws(() => layer.outputShape([1, 4]), {
    message:
      "Linear: got shape [1, 4], expected [N, 3]. Make the layer with inFeatures 4, or give it as many features as it takes.",
  });
  assert.throws(
    () => layer.outputShape([1, 3, 1, 1]),
    /Linear: got shape .* Put a Flatten layer before it\./,
  );
  assert.throws(() => new Linear(0, 2), /Linear: got inFeatures 0/);
});

test("large weights have the same bits for any number of threads", async () => {
  const images = new ImageBatch(
    Uint8Array.from({ length: 5 * 28 * 28 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24),
    { channels: 1, height: 28, width: 28 },
  );
  const found = await Promise.all(
    [1, 3].map(async (threads) => {
      manualSeed(2);
      const net = new Sequential(new Flatten(), new Linear(784, 510), new ReLU(), new Linear(510, 520));
      using device = await openDevice("cpu", { threads });
      using session = await Session.open(net, device);
      const labels = Uint8Array.of(0, 1, 2, 3, 4);
      const { logits, gradients } = await session.gradients(images, labels, { seed: 0, epoch: 0, step: 0 });
      assert.ok(gradients.get("1.weight")!.some((value) => value !== 0));
      return { logits, gradients };
    }),
  );
  assert.deepEqual(found[1], found[0]);
});
