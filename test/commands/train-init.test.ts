import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import type { Tensor } from "#nin-net/core/tensor.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

const net = ["--net", "nin-small", "--widths", "4,4,4", "--norm", "none", "--init", "data"];
/** Two steps an epoch at a rate that is 0 in float32. */
const train = [
  "train",
  ...net,
  "--dataset",
  "synthetic",
  "--limit",
  "16",
  "--batch-size",
  "8",
  "--lr",
  "1e-60",
];

const weightsOf = async (folder: string): Promise<Readonly<Record<string, Tensor>>> =>
  (await (await RunFolder.open(folder)).readCheckpoint()).state.weights;

test("nin train --init data scales fresh weights once: not on resume, nor with --from", async (t) => {
  const scratch = temporaryFolder(t);
  const [first, again, next] = ["first", "again", "next"].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  const run = async (...args: string[]): Promise<void> => {
    const { status, stderr } = await runNin([...args, "--quiet"]);
    assert.equal(status, 0, stderr);
  };
  await run(...train, "--epochs", "1", "--threads", "1", "--out", first);
  await run(...train, "--epochs", "1", "--threads", "2", "--out", again);
  const weights = await weightsOf(first);
  assert.deepEqual(await weightsOf(again), weights);
  assert.equal((await RunFolder.open(first)).config.recipe.netOptions.init, "data");

  const he = join(scratch, "he");
  await run(...train, "--init", "he", "--epochs", "1", "--out", he);
  const plain = await weightsOf(he);
  const [name] = Object.keys(weights);
  // Each channel by a factor of its own.
  const factors = Array.from(weights[name!]!.data, (value, i) => value / plain[name!]!.data[i]!);
  assert.ok(Math.abs(factors[0]! - factors[24]!) < 1e-5 * factors[0]!);
  assert.ok(Math.abs(factors[0]! - factors[25]!) > 1e-3);

  await run("train", "--resume", first, "--epochs", "2");
  assert.deepEqual(await weightsOf(first), weights);
  await run(...train, "--from", he, "--epochs", "1", "--out", next);
  assert.deepEqual(await weightsOf(next), plain);
});
