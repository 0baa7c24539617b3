import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Linear } from "#src/nn/linear.js";
import type { TrainEvent } from "#src/train/events.js";
import { presets } from "#src/train/recipe.js";
import { RunFolder } from "#src/train/run-folder.js";

const scratch = mkdtempSync(join(tmpdir(), "nin-run-"));
after(() => rmSync(scratch, { recursive: true }));

const config = { recipe: presets.quick, versions: { "nin-net": "0.1.0" }, datasetChecksum: "ab12" };

test("a run can be opened again: settings, events, weights", async () => {
  const path = join(scratch, "a", "b");
  const run = await RunFolder.create(path, config);
  const events: TrainEvent[] = [
    { kind: "notice", message: "one" },
    { kind: "notice", message: "two" },
  ];
  for (const event of events) await run.append(event);
  const net = new Linear(2, 3);
  await run.saveCheckpoint(net, { epoch: 2, step: 5 });

  const again = await RunFolder.open(path);
  assert.deepEqual(again.config, config);
  assert.deepEqual(await again.events(), events);
  const other = new Linear(2, 3);
  assert.deepEqual(await again.loadCheckpoint(other), { epoch: 2, step: 5 });
  assert.deepEqual(other.stateDict(), net.stateDict());
  assert.deepEqual(readdirSync(path).sort(), ["checkpoint.safetensors", "config.json", "events.jsonl"]);
});

test("never writes into a run that is there already", async () => {
  const path = join(scratch, "twice");
  await RunFolder.create(path, config);
  await assert.rejects(RunFolder.create(path, config), {
    name: "DataError",
    message: `${path}: holds a run already. Choose another folder, or remove this one first.`,
  });
});

test("a last line that was cut short is left out, a damaged one within is refused", async () => {
  const path = join(scratch, "cut");
  const run = await RunFolder.create(path, config);
  await run.append({ kind: "notice", message: "whole" });
  appendFileSync(run.file("events.jsonl"), '{"kind":"noti');
  assert.equal((await run.events()).length, 1);
  appendFileSync(run.file("events.jsonl"), "\n");
  await assert.rejects(run.events(), /events\.jsonl: line 2 is not JSON/);
});

test("a failed write leaves the checkpoint that is there", async () => {
  const path = join(scratch, "keep");
  const run = await RunFolder.create(path, config);
  await run.saveCheckpoint(new Linear(1, 1), { epoch: 1, step: 0 });
  const before = readFileSync(run.file("checkpoint.safetensors"));
  const broken = new Linear(1, 1);
  Object.defineProperty(broken, "stateDict", { value: () => ({ weight: null }) });
  await assert.rejects(run.saveCheckpoint(broken, { epoch: 2, step: 0 }));
  assert.deepEqual(readFileSync(run.file("checkpoint.safetensors")), before);
  assert.deepEqual(readdirSync(path).sort(), ["checkpoint.safetensors", "config.json"]);
});

test("what is no run is refused with what to do", async () => {
  await assert.rejects(RunFolder.open(join(scratch, "none")), {
    name: "DataError",
    message: /config\.json: cannot be read \(ENOENT\)\. Give the folder that `nin train` named at its end\./,
  });
  const path = join(scratch, "damaged");
  const run = await RunFolder.create(path, config);
  await assert.rejects(
    run.loadCheckpoint(new Linear(1, 1)),
    /checkpoint\.safetensors: cannot be read \(ENOENT\)/,
  );
  writeFileSync(run.file("config.json"), "{");
  await assert.rejects(RunFolder.open(path), /config\.json: is not JSON/);
  writeFileSync(run.file("config.json"), JSON.stringify({ recipe: { ...presets.quick, lr: "fast" } }));
  await assert.rejects(RunFolder.open(path), /Recipe setting lr: got "fast"/);
  writeFileSync(join(scratch, "file"), "");
  await assert.rejects(
    RunFolder.create(join(scratch, "file", "run"), config),
    /cannot be written \(ENOTDIR\)/,
  );
});
