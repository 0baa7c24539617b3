import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unzipSync } from "fflate";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { synthetic, syntheticDataset } from "#nin-net/data/datasets/synthetic.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { readSafetensors } from "#nin-net/interop/safetensors.js";
import { NinNet } from "#nin-net/models/nin.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { untrainedRun } from "../cli/untrained-run.js";
import { runOrt } from "../interop/onnx/ort.js";
import { smallRecipe } from "../small-recipe.js";

const net = new NinNet();
const pixels = Uint8Array.from({ length: 2 * 28 * 28 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

function assertClose(theirs: Float32Array, ours: Float32Array): void {
  assert.equal(theirs.length, ours.length);
  theirs.forEach((value, i) => {
    assert.ok(Math.abs(value - ours[i]!) < 1e-4, `logit ${i}: ONNX Runtime's ${value}, ours ${ours[i]}`);
  });
}

test("nin export RUN: an ONNX model in the run's folder that gives our logits", async (t) => {
  const run = await untrainedRun(t);
  const { status, stdout, stderr } = await runNin(["export", run]);
  const file = join(run, "nin.onnx");
  assert.equal(stderr, "");
  assert.match(stdout, /^ONNX model, images \[batch, 1, 67, 67\] -> logits \[batch, 10\], 8\.0 MB -> /);
  assert.ok(stdout.endsWith(`-> ${file}\n`));
  assert.equal(status, 0);

  const images = new ImageBatch(pixels, { channels: 1, height: 28, width: 28 }, { resize: 67 });
  const ours = (await net.forward(images)).data;
  const theirs = (await runOrt(readFileSync(file), images.data, images.shape)).data;
  assertClose(theirs, ours);
});

test("nin export --with-preprocess takes bytes; --json says what was written", async (t) => {
  const run = await untrainedRun(t);
  const file = join(run, "bytes.onnx");
  const { status, stdout, stderr } = await runNin([
    ...["export", run, "--with-preprocess", "--json"],
    ...["--out", file],
  ]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const model = readFileSync(file);
  assert.deepEqual(JSON.parse(stdout), {
    file,
    format: "onnx",
    bytes: model.length,
    parameters: 1_992_166,
  });
  const ours = (
    await net.forward(new ImageBatch(pixels, { channels: 1, height: 28, width: 28 }, { resize: 67 }))
  ).data;
  const theirs = (await runOrt(model, pixels, [2, 28, 28])).data;
  assertClose(theirs, ours);
  assert.ok(model.includes('["t-shirt","trouser"'));
});

test("a normalized run whose images are not resized to squares: the model in ONNX says what nin predict says", async (t) => {
  const preprocessing = { resize: [67, 83], mean: [0.3], std: [0.25] } as const;
  const recipe = { ...smallRecipe, dataset: "synthetic", ...preprocessing } as const;
  const path = join(temporaryFolder(t), "run");
  const config = { recipe, versions: {}, datasetChecksum: null, image: synthetic.image, preprocessing };
  using run = await RunFolder.create(path, config);
  await run.saveCheckpoint(net, { epoch: 1, step: 0 });
  const file = join(path, "bytes.onnx");
  const { stdout, stderr } = await runNin(["export", path, "--with-preprocess", "--out", file]);
  assert.equal(stderr, "");
  assert.match(stdout, /^ONNX model, pixels \[batch, 28, 28\] uint8 -> logits \[batch, 10\], /);

  const predicted = await runNin([
    "predict",
    path,
    "--dataset",
    "drawn",
    "--index",
    "4",
    "--top",
    "10",
    "--json",
  ]);
  const { ranked } = JSON.parse(predicted.stdout) as { ranked: { index: number; probability: number }[] };
  const image = (await syntheticDataset()).test.images.subarray(4 * 784, 5 * 784);
  const { data: logits } = await runOrt(readFileSync(file), image, [1, 28, 28]);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  for (const { index, probability } of ranked) {
    assert.ok(Math.abs(Math.exp(logits[index]!) / sum - probability) < 1e-4, `class ${index}`);
  }
  assert.ok(new Set(ranked.map(({ probability }) => probability)).size > 1);

  const explained = await runNin(["explain", path, "--dataset", "drawn", "--index", "4", "--json"]);
  const { classes } = JSON.parse(explained.stdout) as { classes: { score: number }[] };
  assertClose(
    Float32Array.from(classes, ({ score }) => score),
    logits,
  );
});

test("the ending of --out says the format: safetensors, npz, csv", async (t) => {
  const run = await untrainedRun(t);
  const out = (name: string) => join(run, name);
  for (const name of ["w.safetensors", "w.npz", "w.csv"]) {
    const { status, stdout, stderr } = await runNin(["export", run, "--out", out(name)]);
    assert.equal(stderr, "");
    assert.match(stdout, /^1,992,166 weights, \d+\.\d MB -> .*\n$/);
    assert.equal(status, 0);
  }
  const { tensors, metadata } = readSafetensors(readFileSync(out("w.safetensors")));
  assert.deepEqual(Object.keys(tensors), Object.keys(net.stateDict()));
  assert.equal(metadata.format, "pt");
  assert.equal(Object.keys(unzipSync(readFileSync(out("w.npz")))).length, 24);
  const lines = readFileSync(out("w.csv"), "utf8").split("\n");
  assert.equal(lines.length, 1_992_166 + 2);
  assert.equal(lines[0], "name,out,in,row,column,value");
});

test("a file that is there stays, unless --force is given", async (t) => {
  const run = await untrainedRun(t);
  const file = join(run, "mine.npz");
  writeFileSync(file, "mine");
  const refused = await runNin(["export", run, "--out", file]);
  assert.equal(
    refused.stderr,
    `error: ${file}: is there already. Choose another --out, or replace it with --force.\n`,
  );
  assert.equal(refused.status, 1);
  assert.equal(readFileSync(file, "utf8"), "mine");
  assert.equal((await runNin(["export", run, "--out", file, "--force"])).status, 0);
  assert.notEqual(readFileSync(file, "utf8"), "mine");
});

test("a missing run and a folder that is not there are one sentence each", async (t) => {
  const missing = join(temporaryFolder(t), "no-run");
  const { status, stderr } = await runNin(["export", missing]);
  assert.equal(
    stderr,
    `error: ${missing}: no such folder, expected a run's, as nin train names it at its end.\n`,
  );
  assert.equal(status, 1);
  const run = await untrainedRun(t);
  const file = join(run, "no", "nin.onnx");
  const nowhere = await runNin(["export", run, "--out", file]);
  assert.equal(
    nowhere.stderr,
    `error: ${file}: cannot be written: the folder ${join(run, "no")} does not exist. Make it, or choose another place.\n`,
  );
  assert.equal(nowhere.status, 1);
});
