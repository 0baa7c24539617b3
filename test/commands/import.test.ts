import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importHint } from "#nin-cli/commands/evaluate.js";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import type { Tensor } from "#nin-net/core/tensor.js";
import { writeSafetensors } from "#nin-net/interop/safetensors.js";
import { LeNet } from "#nin-net/models/lenet.js";
import { models } from "#nin-net/models/models.js";
import { NinNet } from "#nin-net/models/nin.js";
import type { EvaluationResult } from "#nin-net/train/evaluate.js";
import { presets } from "#nin-net/train/recipe.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

test("nin import makes a run that other commands take", async (t) => {
  const folder = temporaryFolder(t);
  const [file, run] = [join(folder, "net.safetensors"), join(folder, "runs", "imported")];
  const net = new NinNet({ seed: 4 });
  const weights = Object.entries(net.stateDict()).map(([name, tensor]) => [`module.${name}`, tensor]);
  writeFileSync(file, writeSafetensors(Object.fromEntries(weights)));

  const imported = await runNin(["import", file, "--dataset", "drawn", "--resize", "67", "--out", run]);
  assert.deepEqual(imported, { status: 0, stdout: `Run folder: ${run}\n`, stderr: "" });
  const opened = await RunFolder.open(run);
  assert.equal(opened.config.recipe.dataset, "synthetic");
  assert.equal(opened.config.recipe.resize, 67);
  const back = new NinNet();
  await opened.loadCheckpoint(back);
  assert.deepEqual(back.stateDict(), net.stateDict());

  const predicted = await runNin(["predict", run, "--dataset", "drawn", "--index", "0-1"]);
  assert.equal(predicted.status, 0, predicted.stderr);
  const exported = await runNin(["export", run, "--json"]);
  assert.equal(exported.status, 0, exported.stderr);
});

test("weights of another network, named as a Sequential alone names them", async (t) => {
  const folder = temporaryFolder(t);
  const [file, run] = [join(folder, "lenet.safetensors"), join(folder, "imported")];
  const net = new LeNet({ seed: 4 });
  const weights = Object.entries(net.stateDict()).map(([name, tensor]) => [name.replace("net.", ""), tensor]);
  writeFileSync(file, writeSafetensors(Object.fromEntries(weights)));
  const imported = await runNin(["import", file, "--net", "lenet", "--dataset", "drawn", "--out", run]);
  assert.deepEqual(imported, { status: 0, stdout: `Run folder: ${run}\n`, stderr: "" });
  const opened = await RunFolder.open(run);
  const { epochs, batchSize, lr, resize } = models.lenet.recipe;
  assert.deepEqual(opened.config.recipe, {
    ...presets.tutorial,
    net: "lenet",
    dataset: "synthetic",
    epochs,
    batchSize,
    lr,
    resize,
  });
  const back = new LeNet();
  await opened.loadCheckpoint(back);
  assert.deepEqual(back.stateDict(), net.stateDict());
  const predicted = await runNin(["predict", run, "--dataset", "drawn", "--index", "0"]);
  assert.equal(predicted.status, 0, predicted.stderr);
});

test("what does not fit is refused, and no run is made", async (t) => {
  const run = join(temporaryFolder(t), "run");
  const oracle = (name: string) => join("test", "oracle", "torch-weights", name);
  const small = await runNin(["import", oracle("plain.pt"), "--out", run]);
  assert.equal(
    small.stderr,
    `error: ${oracle("plain.pt")}: NinNet layer 0.0 (Conv2d): got no weight named model.0.0.weight, expected one of shape ` +
      "[96, 1, 11, 11]. Load weights that were saved from this network; these have 0.weight, 0.bias, 3.weight. " +
      "Are they of another network than nin? Name theirs with --net.\n",
  );
  assert.equal(small.status, 1);
  const evil = await runNin(["import", oracle("runs-something.pt"), "--out", run]);
  assert.match(
    evil.stderr,
    /^error: .*runs-something\.pt: pickle: got posix\.system, expected tensors, .*\n$/,
  );
  assert.equal(evil.status, 1);
  assert.ok(!existsSync(run));
  assert.ok(!existsSync("torch-weights-were-run"));
});

/** The same function of (x - mean) / std as the network is of x: its first layer, which has no padding, takes both. */
function forNormalized(net: NinNet, mean: number, std: number): Record<string, Tensor> {
  const weights = net.stateDict();
  const [kernel, bias] = [weights["model.0.0.weight"]!, weights["model.0.0.bias"]!];
  const taps = kernel.data.length / bias.data.length;
  bias.data.forEach((value, k) => {
    const sum = kernel.data.subarray(k * taps, (k + 1) * taps).reduce((a, b) => a + b, 0);
    bias.data[k] = value + mean * sum;
  });
  kernel.data.forEach((value, i) => {
    kernel.data[i] = value * std;
  });
  return weights;
}

test("weights of normalized images do with --mean and --std what they did there, and without are suspected", async (t) => {
  const folder = temporaryFolder(t);
  const net = new NinNet({ seed: 4 });
  const evaluated = async (weights: Record<string, Tensor>, ...options: string[]) => {
    const [file, run] = [join(folder, "net.safetensors"), join(folder, `run ${options.join(" ")}`)];
    writeFileSync(file, writeSafetensors(weights));
    const to = ["--dataset", "synthetic", "--resize", "67", "--out", run];
    const imported = await runNin(["import", file, ...to, ...options]);
    assert.equal(imported.status, 0, imported.stderr);
    const { status, stdout, stderr } = await runNin(["evaluate", run, "--limit", "50", "--json"]);
    assert.equal(status, 0, stderr);
    return { loss: (JSON.parse(stdout) as { testLossNats: number }).testLossNats, stderr, run };
  };
  const raw = await evaluated(net.stateDict());
  const normalized = await evaluated(forNormalized(net, 0.286, 0.353), "--mean", "0.286", "--std", "0.353");
  assert.ok(Math.abs(normalized.loss - raw.loss) < 1e-5, `${normalized.loss}, expected ${raw.loss}`);
  assert.match(raw.stderr, /do little better than chance here .* Were their images normalized elsewhere\?/);
  assert.match(normalized.stderr, /Import them again with the --mean, --std, --dataset and --resize/);
  const { config } = await RunFolder.open(normalized.run);
  assert.deepEqual(config.preprocessing, { resize: [67, 67], mean: [0.286], std: [0.353] });

  const wrong = await runNin(["import", "any.pt", "--out", join(folder, "wrong"), "--std", "0.5,0.5"]);
  assert.equal(
    wrong.stderr,
    "error: --std: got 0.5,0.5, expected one number, as the images of fashion-mnist have one channel.\n" +
      "Options and examples: npx nin import --help\n",
  );
  assert.equal(wrong.status, 2);
});

test("weights that do much better than chance are not suspected", () => {
  const perClass = (classes: number) => new Array(classes).fill(null) as EvaluationResult["perClass"];
  const none = { mean: null, std: null };
  assert.equal(importHint({ testAccuracy: 0.79, perClass: perClass(10) }, none), null);
  assert.match(
    importHint({ testAccuracy: 0.15, perClass: perClass(10) }, none)!,
    /\(0\.150; chance is 0\.100\)/,
  );
  assert.equal(importHint({ testAccuracy: 0.61, perClass: perClass(2) }, none), null);
  assert.notEqual(importHint({ testAccuracy: 0.55, perClass: perClass(2) }, none), null);
});

test("a folder that holds something is left alone", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "mine"), "");
  const { status, stderr } = await runNin(["import", "any.pt", "--out", folder]);
  assert.equal(
    stderr,
    `error: --out: ${folder} is not empty, and a run overwrites nothing. Choose a new folder.\n`,
  );
  assert.equal(status, 1);
});
