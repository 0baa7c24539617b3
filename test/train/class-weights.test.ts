import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { weightFromEngine } from "#nin-net/nn/layout.js";
import { crossEntropy } from "#nin-net/nn/losses.js";
import { trainingLossOf } from "#nin-net/train/loop.js";
import { Session } from "#nin-net/train/session.js";

const images = new ImageBatch(Uint8Array.of(0, 51, 102, 153, 255, 204, 0, 51, 10, 20, 200, 30), {
  channels: 1,
  height: 2,
  width: 2,
});
const labels = Uint8Array.of(0, 2, 1);
const classWeights = [0.5, 2, 1.25];

/**
 * By torch 1.13 in float32: the loss and the gradients of
 * F.cross_entropy(pixels / 255 @ W.T, y, weight=w, label_smoothing=s), its mean by the weights of the labels.
 */
const pytorch = [
  {
    labelSmoothing: 0,
    lossNats: 1.27321457862854,
    gradients: [
      0.1072262, 0.077168, 0.1189632, -0.010584, 0.1350042, 0.0993334, -0.2796919, 0.012916, -0.2422303,
      -0.1765014, 0.1607286, -0.0023321,
    ],
  },
  {
    labelSmoothing: 0.1,
    lossNats: 1.2555856704711914,
    gradients: [
      0.1023172, 0.0757765, 0.1158598, -0.0035873, 0.1183954, 0.0852763, -0.2606574, 0.0063488, -0.2207126,
      -0.1610528, 0.1447976, -0.0027615,
    ],
  },
];

function smallNet(): Sequential {
  const linear = new Linear(4, 3, { bias: false });
  linear.weight.data = Float32Array.of(0.1, -0.2, 0.3, 0.05, 0, 0.4, -0.1, 0.2, -0.3, 0.1, 0.2, 0);
  return new Sequential(new Flatten(), linear);
}

for (const deviceName of ["cpu", "reference"] as const) {
  test(`a step with weights of classes is PyTorch's, on ${deviceName}, in slices of any size`, async () => {
    using device = await openDevice(deviceName, { threads: 1 });
    for (const { labelSmoothing, lossNats, gradients } of pytorch) {
      for (const slice of [1, 2, 3]) {
        const trainingLoss = trainingLossOf({ labelSmoothing, classWeights }, undefined);
        using session = await Session.open(smallNet(), device, { trainingLoss, classWeights, slice });
        const position = { seed: 0, epoch: 0, step: 0 };
        const { lossNatsSum, gradients: ours } = await session.gradients(images, labels, position);
        // The sum is over the images; PyTorch divides it by the weights of the labels.
        assert.ok(Math.abs(lossNatsSum / (0.5 + 1.25 + 2) - lossNats) < 1e-6);
        const [values] = [...ours.values()];
        weightFromEngine([3, 4], values!).forEach((value, i) => {
          assert.ok(Math.abs(value - gradients[i]!) < 1e-6, `${i}: ${value}, PyTorch's ${gradients[i]}`);
        });
      }
    }
  });
}

test("evaluation measures plain cross-entropy", async () => {
  using device = await openDevice("cpu", { threads: 1 });
  const net = smallNet();
  const trainingLoss = trainingLossOf({ classWeights }, undefined);
  using weighted = await Session.open(net, device, { trainingLoss, classWeights });
  using plain = await Session.open(net, device, {});
  const [a, b] = [await weighted.evaluate(images, labels), await plain.evaluate(images, labels)];
  assert.equal(a.lossNatsSum, b.lossNatsSum);
});

test("as many weights as classes, and none beside a loss of one's own", async () => {
  using device = await openDevice("cpu", { threads: 1 });
  const few = [1, 2];
  const trainingLoss = trainingLossOf({ classWeights: few }, undefined);
  using session = await Session.open(smallNet(), device, { trainingLoss, classWeights: few });
  await assert.rejects(session.gradients(images, labels, { seed: 0, epoch: 0, step: 0 }), {
    name: "ShapeError",
    message:
      "class weights: got 2 of them, expected 3, one for each score of the network. Give each class a weight.",
  });
  assert.throws(() => trainingLossOf({ classWeights }, crossEntropy), {
    message:
      "train: got classWeights beside a custom loss, expected one of them. Weigh the classes in the loss.",
  });
});
