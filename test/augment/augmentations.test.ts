import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { augment } from "#nin-net/augment/augment.js";
import { defineAugmentation } from "#nin-net/augment/augmentation.js";
import { augmentationNames, augmentations, createAugmentation } from "#nin-net/augment/augmentations.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { Session } from "#nin-net/train/session.js";
import { leaf, run } from "../ops/run.js";
import { patches } from "../train/patches.js";

const key = leaf([3], [1, 2, 3], "u32");
const first = leaf([1], [0], "u32");

test("every augmentation changes images, each stream in another way, and keeps their shape", () => {
  const x = leaf([8, 12, 12, 1]);
  for (const name of augmentationNames) {
    const each = augmentations[name]();
    const of = (stream: number) => each.apply(x, { key, sliceStart: first, stream });
    assert.deepEqual(of(0).type, x.type, name);
    assert.notDeepEqual(run(of(0)), run(x), name);
    assert.notDeepEqual(run(of(0)), run(of(1)), name);
  }
});

test("a wrong setting is named", () => {
  assert.throws(() => createAugmentation({ name: "shift", pixels: 0 }), {
    message:
      /^augmentation shift setting pixels: got 0, expected a number of at least 1\. The settings are pixels\.$/,
  });
});

test("training sees augmented images, evaluation does not; slices and threads change nothing", async () => {
  const darker = definePointwise("darker", (x) => x.mul(0.25));
  const darken = defineAugmentation("darken", {
    title: "custom",
    settings: z.strictObject({}),
    apply: (x) => darker(x),
  });
  const [[images, labels]] = [...patches(24, 24).batches(0)] as [
    ReturnType<ReturnType<typeof patches>["batches"]> extends Iterable<infer B> ? B : never,
  ];
  const step = { lr: 0.1, seed: 3, epoch: 0, step: 0, stepsBefore: 0 };
  const measured = async (
    augmentationList: Parameters<typeof augment>[1],
    threads: number,
    slice: number,
  ) => {
    using device = await openDevice("cpu", { threads });
    manualSeed(1);
    const net = new Sequential(new Flatten(), new Linear(64, 3));
    using session = await Session.open(net, device, {
      optimizer: sgd(),
      augmentations: augmentationList,
      slice,
    });
    const before = (await session.evaluate(images, labels)).lossNatsSum;
    const { lossNatsSum } = await session.step(images, labels, step);
    return { before, lossNatsSum };
  };
  const plain = await measured([], 1, 8);
  const moved = [augmentations.flip(), augmentations.shift({ pixels: 1 }), darken()];
  const augmented = await measured(moved, 1, 8);
  assert.equal(augmented.before, plain.before);
  assert.notEqual(augmented.lossNatsSum, plain.lossNatsSum);
  assert.deepEqual(await measured(moved, 2, 8), augmented);
  const { lossNatsSum } = await measured(moved, 1, 24);
  assert.ok(Math.abs(lossNatsSum - augmented.lossNatsSum) < 1e-4);
});
