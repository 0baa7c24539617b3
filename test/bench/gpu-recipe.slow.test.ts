import assert from "node:assert/strict";
import { test } from "node:test";
import { loadBench } from "./load-bench.js";

const { trainRecipe } = await loadBench("gpu/recipe");

test("the recipe is a run of nin train: its figures, or its error", async () => {
  const epochs: string[] = [];
  const args = ["--dataset", "drawn", "--epochs", "1", "--limit", "8", "--resize", "67", "--device", "cpu"];
  const run = await trainRecipe("f32", args, (line) => epochs.push(line));
  const { reason, epochs: count, dataset, processSeconds, seconds, testAccuracy } = run;
  assert.deepEqual({ reason, count, dataset }, { reason: "finished", count: 1, dataset: "synthetic" });
  assert.ok(Number(processSeconds) > Number(seconds));
  assert.deepEqual(epochs, [`epoch 1: test accuracy ${Number(testAccuracy).toFixed(3)}`]);
  await assert.rejects(
    trainRecipe("f32", [...args, "--lr", "fast"], () => {}),
    /^Error: --lr: got "fast", expected /,
  );
});
