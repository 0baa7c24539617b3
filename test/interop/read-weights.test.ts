import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Tensor } from "#nin-net/core/tensor.js";
import { loadWeights } from "#nin-net/interop/load-weights-node.js";
import { readWeights } from "#nin-net/interop/read-weights.js";
import { writeSafetensors } from "#nin-net/interop/safetensors.js";

const oracle = join("test", "oracle", "torch-weights");

test("tells safetensors from torch.save by what is in the file", () => {
  const ours = readWeights(writeSafetensors({ w: new Tensor([2], Float32Array.of(1, 2)) }));
  assert.deepEqual([...ours.w!.data], [1, 2]);
  const theirs = readWeights(readFileSync(join(oracle, "plain.pt")));
  assert.deepEqual(Object.keys(theirs), ["0.weight", "0.bias", "3.weight"]);
});

test("safetensors whose header is as long as a pickle's first byte are no pickle", () => {
  // A header of 0x80 bytes: the file begins as a pickle does.
  const metadata = {
    fill: "x".repeat(
      0x80 - '{"__metadata__":{"fill":""},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.length,
    ),
  };
  const bytes = writeSafetensors({ w: new Tensor([1], Float32Array.of(3)) }, metadata);
  assert.equal(bytes[0], 0x80);
  assert.deepEqual([...readWeights(bytes).w!.data], [3]);
});

test("the format before PyTorch 1.6 is named, and so is any other", () => {
  const bytes = readFileSync(join(oracle, "before-1.6.pt"));
  assert.throws(() => readWeights(bytes), {
    name: "DataError",
    message:
      "weights: got a pickle, as PyTorch before 1.6 wrote it, expected safetensors, or a file by torch.save of " +
      "PyTorch 1.6 or later. Load the weights where they come from and save them again.",
  });
  for (const other of [new Uint8Array(0), new Uint8Array(100)]) {
    assert.throws(
      () => readWeights(other),
      /^DataError: weights: got another kind of file, expected safetensors/,
    );
  }
});

test("of a checkpoint with momenta the weights are taken", () => {
  const one = new Tensor([1], Float32Array.of(1));
  const bytes = writeSafetensors({ "model.w": one, "optimizer.momentum.model.w": one });
  assert.deepEqual(Object.keys(readWeights(bytes)), ["model.w"]);
});

test("errors name the file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nin-weights-"));
  try {
    const missing = join(folder, "no.pt");
    await assert.rejects(loadWeights(missing), {
      message: `${missing}: no such file, expected a file of weights. Check the path.`,
    });
    await assert.rejects(loadWeights(folder), {
      message: `${folder}: is a folder, expected a file of weights. Check the path.`,
    });
    const wrong = join(folder, "wrong.pt");
    writeFileSync(wrong, "PK\x03\x04 and no more");
    await assert.rejects(loadWeights(wrong), (error: Error) =>
      error.message.startsWith(`${wrong}: torch.save file: the zip archive cannot be read`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
