import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

test("nin compare --nets trains, and reuses what is trained", async (t) => {
  const out = join(temporaryFolder(t), "compared");
  const call = ["compare", "--nets", "nin-small", "--seeds", "1,2", "--dataset", "drawn", "--out", out];
  // The recipe's three epochs of 6,000 images take longer: there are fewer.
  const first = await runNin([...call, "--minutes", "0.6", "--limit", "100"]);
  assert.equal(first.status, 0, first.stderr);
  assert.match(
    first.stderr,
    /^Within about 0\.6 minutes, on synthetic garments, tested on the first 100 of 1,000 test images, each with the seeds 1, 2, into /m,
  );
  assert.match(
    first.stderr,
    /^ {2}nin-small +at the stored size +\d epochs? on [\d,a-z ]+ images, batch 64[^\n]* about [\d.]+ (?:min \d+ )?s a run$/m,
  );
  assert.match(first.stdout, /^nin-small .* seeds 1 and 2$/m);
  assert.match(first.stdout, /^seed 1 +seed 2 +\d+ +\d+ /m);
  const events = ["nin-small-1", "nin-small-2"].map((name) => join(out, name, "events.jsonl"));
  const before = events.map((file) => readFileSync(file, "utf8"));

  await t.test("called again it trains nothing", async () => {
    const again = await runNin(call);
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, /^nin-small, seed 1 \(1 of 2\): trained already, /m);
    assert.equal(
      again.stdout.replace(/^nin-small +[\d,]+ .*$/m, ""),
      first.stdout.replace(/^nin-small +[\d,]+ .*$/m, ""),
    );
    assert.deepEqual(
      events.map((file) => readFileSync(file, "utf8")),
      before,
    );
  });

  await t.test("a run that was stopped goes on", async () => {
    rmSync(join(out, "nin-small-2"), { recursive: true });
    const stopped = await runNin(call, {
      signalAt: { text: "seed 2 (2 of 2): ", signal: "SIGINT" },
    });
    assert.equal(stopped.status, 130, stopped.stderr);
    assert.match(stopped.stderr, /^Stopped; the same command goes on from here\.$/m);
    const { status, stderr } = await runNin(call);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^nin-small, seed 2 \(2 of 2\): \d epochs? on /m);
  });

  await t.test("another data set, a damaged plan and too small a budget are refused", async () => {
    const refused = async (args: readonly string[]) => {
      const { status, stdout, stderr } = await runNin(args);
      assert.deepEqual([status, stdout], [1, ""], stderr);
      return stderr;
    };
    const plan = join(out, "plan.json");
    const kept = readFileSync(plan, "utf8");
    writeFileSync(plan, kept.replace(/"dataset": "synthetic"/, '"dataset": "mnist"'));
    assert.match(
      await refused(call),
      /^error: --dataset: got synthetic, but .* holds a comparison on mnist\. Choose a new --out, or leave --dataset as it was\.$/m,
    );
    writeFileSync(plan, "{");
    assert.match(
      await refused(call),
      /^error: .*plan\.json: is not JSON\. Put the file back as it was, or choose a new --out\.$/m,
    );
    const elsewhere = [...call.slice(0, -1), join(out, "new"), "--minutes", "0.01"];
    mkdirSync(join(out, "new"));
    assert.match(
      await refused(elsewhere),
      /^error: --minutes: got 0\.01, expected about [\d.]+ or more: nin-small need/m,
    );
    assert.equal(existsSync(join(out, "new", "plan.json")), false);
  });
});
