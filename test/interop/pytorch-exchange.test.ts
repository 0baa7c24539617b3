/** Weights to and fro: real PyTorch loads ours into the tutorial's class, and we load what it saves. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { loadWeights } from "#nin-net/interop/load-weights-node.js";
import { NinNet } from "#nin-net/models/nin.js";
import { presets } from "#nin-net/train/recipe.js";

const python = "/usr/bin/python3";
const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
const skip = hasTorch ? false : `${python} has no PyTorch (Debian: apt-get install python3-torch)`;

const net = new NinNet({ seed: 11 });
const pixels = Uint8Array.from({ length: 3 * 28 * 28 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
const images = new ImageBatch(pixels, { channels: 1, height: 28, width: 28 }, { resize: 224 });
const folder = mkdtempSync(join(tmpdir(), "nin-exchange-"));

before(async () => {
  if (skip !== false) return;
  {
    using run = await RunFolder.create(folder, {
      recipe: presets.tutorial,
      versions: {},
      datasetChecksum: null,
    });
    await run.saveCheckpoint(net, { epoch: 1, step: 0 });
  }
  writeFileSync(join(folder, "images.bin"), pixels);
  const script = join("test", "oracle", "pytorch-exchange.py");
  const { status, stderr } = spawnSync(python, [script, folder], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
after(() => rmSync(folder, { recursive: true }));

function assertLogits(ours: Float32Array, file: string): void {
  const bytes = readFileSync(join(folder, file));
  const theirs = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  assert.equal(ours.length, theirs.length);
  assert.ok(
    theirs.some((value) => value > 0.01),
    "the logits are all about zero",
  );
  ours.forEach((value, i) => {
    const off = Math.abs(value - theirs[i]!);
    assert.ok(off < 1e-4, `logit ${i}: ours ${value}, PyTorch's ${theirs[i]}`);
  });
}

test("PyTorch's load_state_dict takes our checkpoint, and the logits are ours", { skip }, async () => {
  assertLogits((await net.forward(images)).data, "ours.bin");
});

test("weights that torch.save wrote load here, and the logits are PyTorch's", { skip }, async () => {
  const other = new NinNet();
  other.loadStateDict(await loadWeights(join(folder, "theirs.pt")));
  assertLogits((await other.forward(images)).data, "theirs.bin");
});
