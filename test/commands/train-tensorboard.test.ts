import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { readEvents, scalarsOf, skip } from "../report/tensorboard/read-events.js";

test("nin train --tensorboard: an independent reader finds losses, confusions and class maps", {
  skip,
}, async (t) => {
  const out = join(temporaryFolder(t), "run");
  const call = `train --dataset drawn --resize 67 --limit 32 --batch-size 16 --epochs 1 --threads 2 --tensorboard --json --out ${out}`;
  const { status, stdout, stderr } = await runNin(call.split(" "));
  assert.equal(status, 0, stderr);
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const file = readdirSync(out).find((name) => name.includes("tfevents"))!;
  const events = readEvents(join(out, file));

  const steps = told.filter(({ kind }) => kind === "step");
  assert.deepEqual(
    scalarsOf(events, "loss/batch"),
    steps.map(({ step, batchLossNats }) => [step, Math.fround(batchLossNats)]),
  );
  const { testLossNats, testAccuracy } = told.find(({ kind }) => kind === "epoch");
  assert.deepEqual(scalarsOf(events, "loss/test"), [[2, Math.fround(testLossNats)]]);
  assert.deepEqual(scalarsOf(events, "accuracy/test"), [[2, Math.fround(testAccuracy)]]);
  const pictures = events.flatMap(({ values = [] }) => values).filter(({ image }) => image !== undefined);
  const tags = pictures.map(({ tag }) => tag);
  assert.equal(tags.length, 11);
  for (const tag of ["test/confusion", "explained/t-shirt", "explained/ankle boot"]) {
    assert.ok(tags.includes(tag), tag);
  }
});

test("nin train without --tensorboard writes no event file", async (t) => {
  const out = join(temporaryFolder(t), "run");
  const call = `train --dataset drawn --resize 67 --limit 16 --batch-size 16 --epochs 1 --threads 2 --quiet --out ${out}`;
  const { status, stderr } = await runNin(call.split(" "));
  assert.equal(status, 0, stderr);
  const files = readdirSync(out);
  assert.deepEqual(
    files.filter((name) => name.includes("tfevents")),
    [],
  );
  for (const name of ["events.jsonl", "metrics.csv", "curves.svg"]) assert.ok(files.includes(name), name);
});
