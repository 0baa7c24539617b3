import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

/** Two steps of four small drawn images, on one thread. */
const tiny = "train --dataset drawn --limit 8 --batch-size 4 --resize 67 --epochs 1 --threads 1".split(" ");

test("nin train writes report.html, nin report writes the same again", async (t) => {
  const run = join(temporaryFolder(t), "a run");
  const trained = await runNin([...tiny, "--out", run]);
  assert.equal(trained.status, 0, trained.stderr);
  const file = join(run, "report.html");
  assert.ok(trained.stdout.includes(`Report: '${file}'\n`), trained.stdout);
  const page = readFileSync(file, "utf8");

  await t.test("the page is about this run", () => {
    assert.match(page, /<title>Network in Network on synthetic garments: a run<\/title>/);
    assert.match(page, /a run: 1 of 1 epoch over 8 images</);
    assert.match(page, /Synthetic images, not Fashion-MNIST/);
    assert.equal(page.match(/<figure class="mistake">/g)?.length, 12);
    assert.match(page, /<dt>machine<\/dt><dd>[^<]+, \d+ cores?, \d+ GiB, /);
  });

  await t.test("made again, it is the same to the byte", async () => {
    rmSync(file);
    const anew = await runNin(["report", run, "--threads", "1"]);
    assert.deepEqual([anew.status, anew.stdout], [0, `Report: ${file}\n`], anew.stderr);
    assert.equal(readFileSync(file, "utf8"), page);
  });

  await t.test("--json prints one object", async () => {
    const { status, stdout } = await runNin(["report", run, "--threads", "1", "--json"]);
    assert.equal(status, 0);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 1);
    const { testLossNats, testAccuracy, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>;
    assert.deepEqual(rest, { run, report: file, synthetic: true, testImages: 1000 });
    assert.ok(typeof testLossNats === "number" && typeof testAccuracy === "number");
  });

  await t.test("a damaged checkpoint is refused, and the report stays as it was", async () => {
    writeFileSync(join(run, "checkpoint.safetensors"), "x");
    const { status, stdout, stderr } = await runNin(["report", run]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^error: .*checkpoint\.safetensors/);
    assert.equal(readFileSync(file, "utf8"), page);
  });
});

test("nin report names a folder that is not there, and one that is no run", async (t) => {
  const folder = temporaryFolder(t);
  const missing = join(folder, "gone");
  const gone = await runNin(["report", missing]);
  assert.equal(gone.status, 1);
  assert.equal(
    gone.stderr,
    `error: ${missing}: no such folder, expected a run's, as nin train names it at its end.\n`,
  );
  const empty = await runNin(["report", folder]);
  assert.equal(empty.status, 1);
  assert.match(empty.stderr, /config\.json: cannot be read: there is no such file\./);
});
