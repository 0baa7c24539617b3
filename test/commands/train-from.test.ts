import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { writeSafetensors } from "#nin-net/interop/safetensors.js";
import { NinNet } from "#nin-net/models/nin.js";
import type { StateDict } from "#nin-net/nn/layer.js";
import { presets } from "#nin-net/train/recipe.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { untrainedRun } from "../cli/untrained-run.js";

/** One step that changes nothing: what the run ends with is what it began with. */
const still = ["--epochs", "1", "--limit", "2", "--batch-size", "2", "--lr", "1e-30", "--momentum", "0"];

async function weightsOf(path: string): Promise<StateDict> {
  return (await (await RunFolder.open(path)).readCheckpoint()).state.weights;
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Weights of a network with other classes, as PyTorch's DataParallel names them. */
function foreignWeights(t: TestContext, classes: number): { file: string; weights: StateDict } {
  const file = join(temporaryFolder(t), "five.safetensors");
  const weights = new NinNet({ classes, seed: 8 }).stateDict();
  const named = Object.entries(weights).map(([name, tensor]) => [`module.${name}`, tensor]);
  writeFileSync(file, writeSafetensors(Object.fromEntries(named)));
  return { file, weights };
}

test("a new run begins with the weights of another one, its images' size and data, and any recipe", async (t) => {
  const from = await untrainedRun(t);
  const out = join(temporaryFolder(t), "out");
  const { status, stderr } = await runNin(["train", "--from", from, ...still, "--seed", "9", "--out", out]);
  assert.equal(status, 0, stderr);
  const run = await RunFolder.open(out);
  const { recipe, weightsOrigin } = run.config;
  assert.deepEqual(
    [recipe.dataset, recipe.resize, recipe.lr, recipe.seed, recipe.epochs],
    ["synthetic", 67, 1e-30, 9, 1],
  );
  assert.deepEqual(recipe.optimizer, presets.tutorial.optimizer);
  assert.deepEqual(weightsOrigin, {
    path: from,
    sha256: digestOf(join(from, "checkpoint.safetensors")),
    newHead: false,
  });
  assert.deepEqual(await weightsOf(out), await weightsOf(from));
  const page = readFileSync(join(out, "report.html"), "utf8");
  assert.match(page, /<span>--from .*a run<\/span>/);

  // A run that ended before its first checkpoint begins with the same weights again.
  const again = join(temporaryFolder(t), "again");
  cpSync(out, again, { recursive: true });
  for (const name of ["checkpoint", "best"]) rmSync(join(again, `${name}.safetensors`));
  const events = join(again, "events.jsonl");
  writeFileSync(events, readFileSync(events, "utf8").split("\n", 1)[0]!.concat("\n"));
  const resumed = await runNin(["train", "--resume", again]);
  assert.equal(resumed.status, 0, resumed.stderr);
  assert.deepEqual(await weightsOf(again), await weightsOf(from));

  rmSync(join(again, "checkpoint.safetensors"));
  rmSync(join(again, "best.safetensors"));
  writeFileSync(events, readFileSync(events, "utf8").split("\n", 1)[0]!.concat("\n"));
  const config = join(again, "config.json");
  const [before] = readFileSync(config, "utf8").match(/"sha256": ".*"/)!;
  writeFileSync(config, readFileSync(config, "utf8").replace(before, '"sha256": "c0ffee"'));
  const changed = await runNin(["train", "--resume", again]);
  assert.equal(changed.status, 1);
  assert.match(changed.stderr, /has other weights than the run was begun from \(SHA-256 /);
});

test("weights for other classes are refused, or get a new head", async (t) => {
  const { file, weights } = foreignWeights(t, 5);
  const out = join(temporaryFolder(t), "out");
  const options = ["--from", file, "--dataset", "synthetic", "--resize", "67", ...still, "--out", out];
  const refused = await runNin(["train", ...options]);
  assert.equal(
    refused.stderr,
    `error: --from: ${file} tells 5 classes apart, but there are 10 (synthetic garments). ` +
      "Add --new-head to begin the last layers with fresh weights.\n",
  );
  assert.equal(refused.status, 1);
  assert.ok(!existsSync(out));

  const { status, stderr } = await runNin(["train", ...options, "--new-head", "--seed", "3"]);
  assert.equal(status, 0, stderr);
  const fresh = new NinNet({ seed: 3 }).stateDict();
  for (const [name, tensor] of Object.entries(await weightsOf(out))) {
    // The last block: 384 channels to the classes, and two 1x1 convolutions among classes.
    const isHead = name.startsWith("model.7.");
    assert.deepEqual(tensor, isHead ? fresh[name] : weights[name], name);
  }
  assert.equal((await RunFolder.open(out)).config.weightsOrigin!.newHead, true);
});

test("a head of another data set's classes is kept, and said", async (t) => {
  const from = await untrainedRun(t);
  const config = join(from, "config.json");
  writeFileSync(config, readFileSync(config, "utf8").replace('"dataset": "synthetic"', '"dataset": "mnist"'));
  const out = join(temporaryFolder(t), "out");
  const { status, stderr } = await runNin([
    "train",
    ...["--from", from, "--dataset", "synthetic", ...still, "--out", out],
  ]);
  assert.equal(status, 0, stderr);
  assert.ok(
    stderr.includes(
      `--from: ${from} was trained on mnist, whose classes the last layers still tell apart. ` +
        "--new-head begins them with fresh weights.",
    ),
    stderr,
  );
});

test("what cannot be begun from is refused", async (t) => {
  const nowhere = join(temporaryFolder(t), "none");
  const missing = await runNin(["train", "--from", nowhere, "--dataset", "synthetic"]);
  assert.equal(
    missing.stderr,
    `error: --from: ${nowhere}: no such file or folder, expected a run's folder or a file of weights. Check the path.\n`,
  );
  const from = await untrainedRun(t);
  const both = await runNin(["train", "--resume", from, "--from", from]);
  assert.match(
    both.stderr,
    /^error: --from: got ".*" beside --resume, but a run goes on with its own weights\./,
  );
  assert.equal(both.status, 2);
  const alone = await runNin(["train", "--new-head"]);
  assert.equal(alone.status, 2);
  const small = join("test", "oracle", "torch-weights", "plain.pt");
  const foreign = await runNin(["train", "--from", small, "--dataset", "synthetic", "--resize", "67"]);
  assert.equal(
    foreign.stderr,
    `error: --from: ${small}: NinNet layer 0.0 (Conv2d): got no weight named model.0.0.weight, expected one of shape ` +
      "[96, 1, 11, 11]. Load weights that were saved from this network; these have 0.weight, 0.bias, 3.weight.\n",
  );
});
