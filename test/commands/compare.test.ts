import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

/** Two steps of four small drawn images, on one thread. */
const tiny =
  "train --dataset drawn --net nin-small --widths 4,4,8 --limit 8 --batch-size 4 --epochs 1 --threads 1".split(
    " ",
  );

test("nin compare sets trained runs side by side", async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const train = async (name: string, ...more: string[]) => {
    const { status, stderr } = await runNin([...tiny, ...more, "--out", path(name)]);
    assert.equal(status, 0, stderr);
  };
  await train("a", "--seed", "1");
  await train("b", "--seed", "2");
  await train("c", "--lr", "0.01");
  const three = ["compare", path("a"), path("c"), path("b"), "--threads", "1"];

  await t.test("tables in the terminal, a page and a CSV in a new folder", async () => {
    const out = path("compared");
    const { status, stdout, stderr } = await runNin([...three, "--out", out]);
    assert.equal(status, 0, stderr);
    const lines = stdout.split("\n");
    assert.match(lines[0]!, /^ +parameters +multiply-adds +memory +epoch +images\/s$/);
    assert.match(lines[1]!, /^a +[\d,]+ +[\d,]+ +[\d.]+ MB +[\d.]+ s +[\d,.]+$/);
    assert.match(stdout, /^a +0\.\d{3} +0\.\d{3} to [01]\.\d{3} +1 epoch of 8, seeds 1 and 2$/m);
    assert.match(stdout, /^a +c +\d+ +\d+ +(?:< )?[\d.]+ +(?:exact|chi-square)$/m);
    assert.ok(stdout.endsWith(`\nPage: ${join(out, "compare.html")}\n`), stdout);
    const page = readFileSync(join(out, "compare.html"), "utf8");
    assert.match(page, /<title>a and c on synthetic garments<\/title>/);
    assert.equal(readFileSync(join(out, "compare.csv"), "utf8").split("\n").length, 4);

    const again = await runNin([...three, "--out", out]);
    assert.deepEqual([again.status, again.stdout], [1, ""]);
    assert.equal(
      again.stderr,
      `error: --out: ${out} is not empty, and a comparison overwrites nothing. Choose a new folder.\n`,
    );
  });

  await t.test("--json: the accuracies are those of nin evaluate", async () => {
    const { stdout } = await runNin([...three, "--limit", "50", "--json", "--out", path("json")]);
    const { rows, pairs, page } = JSON.parse(stdout) as {
      rows: {
        runs: string[];
        testImages: number;
        testAccuracies: number[];
        interval: string;
        peakBytes: number;
      }[];
      pairs: { onlyFirst: number[]; onlySecond: number[]; testImages: number }[];
      page: string;
    };
    assert.ok(existsSync(page));
    assert.deepEqual(
      rows.map(({ runs, interval, testImages }) => [runs, interval, testImages]),
      [
        [[path("a"), path("b")], "t", 50],
        [[path("c")], "wilson", 50],
      ],
    );
    assert.ok(rows.every(({ peakBytes }) => peakBytes > 1e6));
    for (const [name, accuracy] of [
      ["a", rows[0]!.testAccuracies[0]],
      ["b", rows[0]!.testAccuracies[1]],
      ["c", rows[1]!.testAccuracies[0]],
    ] as const) {
      const evaluated = await runNin(["evaluate", path(name), "--limit", "50", "--threads", "1", "--json"]);
      assert.equal((JSON.parse(evaluated.stdout) as { testAccuracy: number }).testAccuracy, accuracy, name);
    }
    const [{ onlyFirst, onlySecond, testImages }] = pairs as [(typeof pairs)[0]];
    const difference = rows[0]!.testAccuracies[0]! - rows[1]!.testAccuracies[0]!;
    assert.equal(testImages, 50);
    assert.ok(Math.abs(onlyFirst.length - onlySecond.length - 50 * difference) < 1e-9);
  });

  await t.test("what is no comparison is refused in one sentence", async () => {
    const refused = async (...args: string[]) => {
      const { status, stdout, stderr } = await runNin(["compare", ...args]);
      assert.deepEqual([status, stdout], [1, ""]);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      return stderr;
    };
    assert.equal(
      await refused(path("a"), path("gone")),
      `error: ${path("gone")}: no such folder, expected a run's, as nin train names it at its end.\n`,
    );
    assert.match(
      await refused(path("a"), folder),
      /config\.json: cannot be read: there is no such file\. Give the folder/,
    );
    const again = join(path("b"), "..", "a");
    const twice = await runNin(["compare", path("a"), again]);
    assert.deepEqual([twice.status, twice.stdout], [2, ""]);
    assert.match(twice.stderr, /^error: .*: got this run twice, expected different ones\. Name it once\.\n/);
    rmSync(join(path("c"), "checkpoint.safetensors"));
    assert.match(
      await refused(path("a"), path("c")),
      /checkpoint\.safetensors: cannot be read: there is no such file\. Train/,
    );
  });
});
