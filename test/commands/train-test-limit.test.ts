import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TrainEvent } from "#nin-net/train/events.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

/** Two steps of four small drawn images, on one thread. */
const tiny = "train --dataset synthetic --limit 8 --batch-size 4 --resize 67 --epochs 1 --threads 1".split(
  " ",
);
const caveat = "tested on only the first 40 test images";

const events = (run: string): TrainEvent[] =>
  readFileSync(join(run, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainEvent);

test("nin train --test-limit tests on the first images, and says so wherever the result stands", async (t) => {
  const run = join(temporaryFolder(t), "run");
  const trained = await runNin([...tiny, "--test-limit", "40", "--out", run]);
  assert.equal(trained.status, 0, trained.stderr);
  assert.match(trained.stderr, /^8 training and the first 40 test images at 67 x 67, seed 250$/m);
  assert.ok(trained.stdout.includes(` (synthetic, not Fashion-MNIST; ${caveat})\n`), trained.stdout);
  const told = events(run);
  const epoch = told.find((event) => event.kind === "epoch")!;
  const start = told.find((event) => event.kind === "start")!;
  assert.deepEqual([start.testImages, start.recipe.testLimit], [40, 40]);
  assert.ok(readFileSync(join(run, "curves.svg"), "utf8").includes(caveat));

  await t.test("nin evaluate --limit 40 gives the same, and says which images they are", async () => {
    const json = await runNin(["evaluate", run, "--limit", "40", "--threads", "1", "--json"]);
    const result = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.deepEqual(
      [result.testImages, result.testAccuracy, result.testLossNats],
      [40, epoch.testAccuracy, epoch.testLossNats],
    );
    const text = await runNin(["evaluate", run, "--limit", "40", "--threads", "1"]);
    assert.match(text.stdout, /^The first 40 of 1,000 synthetic test images \(not Fashion-MNIST\)\n/);
  });

  await t.test("nin evaluate takes all", async () => {
    const { stdout } = await runNin(["evaluate", run, "--threads", "1"]);
    assert.match(stdout, /^1,000 synthetic test images/);
  });

  await t.test("the report says so; nin report makes the same again, from as many images", async () => {
    const page = readFileSync(join(run, "report.html"), "utf8");
    assert.match(page, /<p class="label">[^<]*Tested on only the first 40 test images\.<\/p>/);
    assert.match(page, /the first 40 to test on/);
    assert.match(page, /<span>--test-limit 40<\/span>/);
    const again = await runNin(["report", run, "--threads", "1", "--json"]);
    const result = JSON.parse(again.stdout) as Record<string, unknown>;
    assert.deepEqual([result.testImages, result.testAccuracy], [40, epoch.testAccuracy]);
    assert.equal(readFileSync(join(run, "report.html"), "utf8"), page);
  });

  await t.test("a resumed run tests on as many, and on no others", async () => {
    const refused = await runNin(["train", "--resume", run, "--test-limit", "all"]);
    assert.equal(
      refused.stderr,
      "error: --test-limit: got all, but the run was begun with 40. " +
        "A run goes on as it was begun: leave --test-limit out, or train a new run.\n",
    );
    const resumed = await runNin(["train", "--resume", run, "--epochs", "2", "--threads", "1"]);
    assert.equal(resumed.status, 0, resumed.stderr);
    const last = events(run).findLast((event) => event.kind === "start")!;
    assert.equal(last.testImages, 40);
  });
});

test("a test limit beyond the test images is all of them, and is said", async (t) => {
  const run = join(temporaryFolder(t), "run");
  const { status, stdout, stderr } = await runNin([...tiny, "--test-limit", "1001", "--out", run]);
  assert.equal(status, 0);
  assert.match(stderr, /^note: --test-limit 1001: there are 1,000 test images; all are used\.$/m);
  assert.ok(!stdout.includes("only the first"), stdout);
});
