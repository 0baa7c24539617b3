import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { writeSafetensors } from "#nin-net/interop/safetensors.js";
import { NinNet } from "#nin-net/models/nin.js";
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

test("what does not fit is refused, and no run is made", async (t) => {
  const run = join(temporaryFolder(t), "run");
  const oracle = (name: string) => join("test", "oracle", "torch-weights", name);
  const small = await runNin(["import", oracle("plain.pt"), "--out", run]);
  assert.equal(
    small.stderr,
    "error: plain.pt: NinNet layer 0.0 (Conv2d): got no weight named model.0.0.weight, expected one of shape " +
      "[96, 1, 11, 11]. Load weights that were saved from this network; these have 0.weight, 0.bias, 3.weight.\n",
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
