import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Tensor } from "#nin-net/core/tensor.js";
import { readWeights } from "#nin-net/interop/read-weights.js";
import { readSafetensors, writeSafetensors } from "#nin-net/interop/safetensors.js";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "#nin-net/train/checkpoint.js";
import { smallRecipe } from "../small-recipe.js";

const checkpoint: Checkpoint = {
  state: {
    weights: {
      "0.weight": new Tensor([2, 3], Float32Array.of(0.1, -0, 1e-45, 3.4e38, -1, 1 / 3)),
      "0.bias": new Tensor([2], Float32Array.of(0, 5)),
    },
    optimizer: {
      momentum: {
        "0.weight": Tensor.random([2, 3], 1),
        "0.bias": Tensor.random([2], 2),
      },
    },
    progress: {
      epoch: 3,
      step: 17,
      running: { lossNatsSum: 123.45678901234567, correct: 40, images: 1088 },
      lr: 0.1 / 4,
      rollbacks: 2,
      testAccuracy: 0.8125,
      best: { epoch: 2, testAccuracy: 0.9 },
      deadClassMaps: [3, 7],
      seconds: { run: 10.1, training: 8.3, epoch: 2.7, epochTraining: 1 / 3 },
    },
  },
  origin: { recipe: smallRecipe, datasetChecksum: "ab12", packageVersion: "0.1.0" },
  events: 83,
};

test("what is read is what was written, to the bit", async () => {
  assert.deepEqual(await decodeCheckpoint(await encodeCheckpoint(checkpoint)), checkpoint);
  const bare: Checkpoint = {
    ...checkpoint,
    state: { ...checkpoint.state, optimizer: {} },
    origin: { ...checkpoint.origin, datasetChecksum: null },
  };
  assert.deepEqual(await decodeCheckpoint(await encodeCheckpoint(bare)), bare);
});

test("averages stand under a prefix of their own, and are what a reader of weights takes", async () => {
  const averages = {
    "0.weight": Tensor.random([2, 3], 3),
    "0.bias": new Tensor([2], Float32Array.of(0, 2.5)),
  };
  const averaged: Checkpoint = { ...checkpoint, state: { ...checkpoint.state, averages } };
  const bytes = await encodeCheckpoint(averaged);
  assert.deepEqual(await decodeCheckpoint(bytes), averaged);
  const { tensors } = readSafetensors(bytes);
  assert.deepEqual(tensors["0.bias"], checkpoint.state.weights["0.bias"]);
  assert.deepEqual(tensors["average.0.bias"], averages["0.bias"]);
  assert.deepEqual(readWeights(bytes), averages);
  assert.deepEqual(readWeights(await encodeCheckpoint(checkpoint)), checkpoint.state.weights);
  // Weights of another program may have such names of their own.
  assert.deepEqual(Object.keys(readWeights(writeSafetensors({ ...tensors }, { format: "pt" }))), [
    "0.weight",
    "0.bias",
    "average.0.weight",
    "average.0.bias",
  ]);
});

test("it is safetensors: weights under their names, momenta beside them, the rest as text", async () => {
  const { tensors, metadata } = readSafetensors(await encodeCheckpoint(checkpoint));
  assert.deepEqual(Object.keys(tensors), [
    "0.weight",
    "0.bias",
    "optimizer.momentum.0.weight",
    "optimizer.momentum.0.bias",
  ]);
  const { progress, recipe, sha256, ...rest } = metadata;
  assert.deepEqual(rest, {
    format: "pt",
    formatVersion: "2",
    packageVersion: "0.1.0",
    net: "nin",
    seed: String(smallRecipe.seed),
    datasetChecksum: "ab12",
    epoch: "3",
    step: "17",
    events: "83",
  });
  assert.deepEqual(JSON.parse(recipe!), smallRecipe);
  assert.match(sha256!, /^[0-9a-f]{64}$/);
  assert.equal((JSON.parse(progress!) as { lr: number }).lr, 0.025);
});

test("a flipped bit anywhere is seen", async () => {
  const bytes = await encodeCheckpoint(checkpoint);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << (at % 8);
    await assert.rejects(decodeCheckpoint(flipped), { name: /^(DataError|NinError)$/ }, `byte ${at}`);
  }
});

test("a file cut anywhere is refused", async () => {
  const bytes = await encodeCheckpoint(checkpoint);
  for (let length = 0; length < bytes.length; length++) {
    await assert.rejects(
      decodeCheckpoint(bytes.subarray(0, length)),
      { name: "DataError" },
      `${length} bytes`,
    );
  }
});

test("weights of other programs and of other versions are refused by what they lack", async () => {
  const weights = writeSafetensors(checkpoint.state.weights, { format: "pt" });
  await assert.rejects(decodeCheckpoint(weights), {
    message:
      "checkpoint: got weights without a formatVersion in their metadata, expected what nin train writes. " +
      "Give a checkpoint of a run.",
  });
  const newer = writeSafetensors(checkpoint.state.weights, { formatVersion: "3", packageVersion: "7.0.0" });
  await assert.rejects(decodeCheckpoint(newer), {
    message:
      "checkpoint: got format version 3, written by nin-net 7.0.0, expected 1 or 2. Use that version of the package.",
  });
  const unsealed = writeSafetensors(checkpoint.state.weights, { formatVersion: "1" });
  await assert.rejects(decodeCheckpoint(unsealed), {
    message: "checkpoint: it has no SHA-256. The file is damaged: take another checkpoint, or train again.",
  });
});

test("a checkpoint of format 1, with a momentum instead of an optimizer, is read as what it meant", async () => {
  // Written at commit 93ae69f, with the values that are compared here.
  const file = new URL("../../../test/train/formats/checkpoint-1.safetensors", import.meta.url);
  const { state, origin, events } = await decodeCheckpoint(new Uint8Array(readFileSync(file)));
  assert.deepEqual(state.weights, { "0.weight": Tensor.random([2, 3], 1), "0.bias": Tensor.random([2], 2) });
  assert.deepEqual(state.optimizer, {
    momentum: { "0.weight": Tensor.random([2, 3], 3), "0.bias": Tensor.random([2], 4) },
  });
  assert.deepEqual([state.progress.epoch, state.progress.step, state.progress.lr, events], [1, 2, 0.02, 9]);
  assert.deepEqual(origin.recipe, smallRecipe);
});
