import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { openTrainedRun } from "#nin-cli/runs/trained-run.js";
import { readWeights } from "#nin-net/interop/read-weights.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

/** Four steps of eight small drawn images an epoch. */
const tiny = ["--net", "nin-small", "--widths", "4,4,4", "--dataset", "synthetic", "--limit", "32"];
const train = ["train", ...tiny, "--batch-size", "8", "--threads", "1", "--lr", "0.05"];

test("nin train --ema: the averages are evaluated, kept beside the weights, resumed, and what commands use", async (t) => {
  const scratch = temporaryFolder(t);
  const [whole, parts, next] = ["whole", "parts", "next"].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  const ended = await runNin([...train, "--ema", "0.8", "--epochs", "2", "--json", "--out", whole]);
  assert.equal(ended.status, 0, ended.stderr);
  const run = await RunFolder.open(whole);
  assert.equal(run.config.recipe.ema, 0.8);
  const { state } = await run.readCheckpoint();
  assert.notDeepEqual(state.averages, state.weights);

  await t.test("evaluated after the epoch as nin evaluate does after the run", async () => {
    const events = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; testLossNats?: number });
    const told = events.filter(({ kind }) => kind === "epoch").at(-1)!.testLossNats;
    const { stdout } = await runNin(["evaluate", whole, "--json", "--threads", "1"]);
    assert.equal((JSON.parse(stdout) as { testLossNats: number }).testLossNats, told);
  });

  await t.test("nin evaluate --flip-test says so and gives other figures", async () => {
    const call = ["evaluate", whole, "--limit", "40", "--threads", "1", "--flip-test"];
    const lines = (await runNin(call)).stdout.split("\n");
    assert.equal(
      lines[0],
      "The first 40 of 1,000 synthetic test images (not Fashion-MNIST), scores averaged with those of their mirror images",
    );
    const figures = JSON.parse((await runNin([...call, "--json"])).stdout) as Record<string, unknown>;
    const plain = JSON.parse((await runNin([...call.slice(0, -1), "--json"])).stdout) as typeof figures;
    assert.deepEqual([figures.flipTest, plain.flipTest], [true, false]);
    assert.notEqual(figures.testLossNats, plain.testLossNats);
  });

  await t.test("an opened run, its file and the best epoch's are the averages", async () => {
    assert.deepEqual((await openTrainedRun(whole)).net.stateDict(), state.averages);
    assert.deepEqual(readWeights(readFileSync(run.file("checkpoint.safetensors"))), state.averages);
    const best = (await run.readCheckpoint("best")).state;
    assert.equal(best.averages, undefined);
    if (best.progress.epoch === 2) assert.deepEqual(best.weights, state.averages);
    assert.deepEqual(Object.keys(best.weights), Object.keys(state.weights));
  });

  await t.test("resumed to the bit", async () => {
    const begun = await runNin([...train, "--ema", "0.8", "--epochs", "1", "--quiet", "--out", parts]);
    assert.equal(begun.status, 0, begun.stderr);
    const resumed = await runNin(["train", "--resume", parts, "--epochs", "2", "--quiet", "--threads", "2"]);
    assert.equal(resumed.status, 0, resumed.stderr);
    const again = (await (await RunFolder.open(parts)).readCheckpoint()).state;
    assert.deepEqual(again.weights, state.weights);
    assert.deepEqual(again.averages, state.averages);
    const other = await runNin(["train", "--resume", parts, "--epochs", "3", "--ema", "0.9"]);
    assert.match(other.stderr, /^error: --ema: got 0\.9, but the run was begun with 0\.8\./);
  });

  await t.test("a new run begins with the averages", async () => {
    const begun = await runNin([
      ...train,
      "--from",
      whole,
      "--epochs",
      "1",
      "--lr",
      "1e-30",
      "--quiet",
      "--out",
      next,
    ]);
    assert.equal(begun.status, 0, begun.stderr);
    const { weights } = (await (await RunFolder.open(next)).readCheckpoint()).state;
    const [first] = Object.keys(weights);
    assert.deepEqual(weights[first!], state.averages![first!]);
    assert.notDeepEqual(weights[first!], state.weights[first!]);
  });
});
