import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { optionalCallback } from "#nin-cli/runs/optional-callback.js";
import { ReportWriter } from "#nin-cli/runs/report-writer.js";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import type { Dataset } from "#nin-net/data/dataset.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import type { TrainEvent } from "#nin-net/train/events.js";
import type { ScoredEvaluation } from "#nin-net/train/scored-evaluation.js";
import { temporaryFolder } from "../cli/run-nin.js";
import {
  device,
  doneEvent,
  epochEvent,
  mapNet,
  recipe,
  startEvent,
  stepEvent,
  testedImages,
} from "../report/fixture.js";

/** A run in a folder of its own, of a small network on drawn images. */
async function keeping(t: TestContext, net: Sequential = mapNet()) {
  const { split, tested } = await testedImages(mapNet(), 60);
  const data: Dataset = { ...(await loadDataset("synthetic")), test: split };
  const run = await RunFolder.create(`${temporaryFolder(t)}/run`, {
    recipe: { ...recipe, dataset: "synthetic", resize: 28 },
    versions: {},
    datasetChecksum: null,
  });
  t.after(() => run[Symbol.dispose]());
  const said: string[] = [];
  const writer = new ReportWriter({ run, net, data, device });
  const keeper = optionalCallback(writer, "There will be no report", (message) => said.push(message));
  const keep = async (...events: TrainEvent[]) => {
    for (const event of events) {
      await run.append(event);
      await keeper.onEvent!(event);
    }
  };
  const page = () => readFileSync(run.file("report.html"), "utf8");
  return { run, keeper, keep, page, said, tested: tested as ScoredEvaluation };
}

test("the report is there after an epoch, and tells the end at the end", async (t) => {
  const { keeper, keep, page, tested, said } = await keeping(t);
  await keep(startEvent, stepEvent(1, 1));
  assert.throws(page, /ENOENT/);
  await keeper.onEvaluation!(tested);
  await keep(epochEvent(1));
  assert.match(page(), /1 of 3 epochs over 60,000 images so far/);
  assert.equal(page().match(/<figure class="mistake">/g)?.length, 12);
  await keep(stepEvent(2, 5), { ...doneEvent, reason: "stopped" });
  assert.match(page(), /1 of 3 epochs over 60,000 images, then stopped in epoch 2 after step 5 of 469/);
  assert.equal(page().match(/<figure class="mistake">/g)?.length, 12);
  assert.deepEqual(said, []);
});

test("a run that is taken up again and stops before an epoch's end keeps its report", async (t) => {
  const { run, keep, page } = await keeping(t);
  await run.append(startEvent);
  await run.append(epochEvent(1));
  writeFileSync(run.file("report.html"), "as it was");
  await keep(stepEvent(2, 1), { ...doneEvent, reason: "stopped" });
  assert.equal(page(), "as it was");
});

test("what cannot be drawn is said once and ends nothing", async (t) => {
  const { keeper, keep, page, tested, said } = await keeping(t, new Sequential(new Linear(784, 10)));
  await keeper.onEvaluation!(tested);
  await keep(startEvent, epochEvent(1), epochEvent(2), doneEvent);
  assert.equal(said.length, 1);
  assert.match(
    said[0]!,
    /^There will be no report: Sequential layer 0 \(Linear\): got shape \[1, 1, 28, 28\], expected \[N, 784\]/,
  );
  assert.throws(page, /ENOENT/);
});
