import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { callNin } from "../cli/call-nin.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { bitsOf } from "../faults/run-bits.js";
import { tinyData } from "../ranks/mpirun.js";

const settings = [
  ...[
    "--dataset",
    "mnist",
    "--no-verify",
    "--net",
    "nin-small",
    "--widths",
    "4,4,4",
    "--epochs",
    "2",
    "--lr",
    "0.1",
  ],
];

test("a sweep trains every combination, and called again only what is missing", async (t) => {
  const scratch = temporaryFolder(t);
  const out = join(scratch, "sweep");
  const call = ["sweep", ...settings, "--data-dir", tinyData(join(scratch, "data")), "--out", out];
  const first = await runNin([...call, "--seeds", "1-2", "--jobs", "2"]);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stderr, /^2 runs into \S+sweep, a new sweep: 2 new; 2 at a time\.$/m);
  assert.match(first.stderr, /^seed=[12]: test acc 0\.\d{3}, [\d.]+ s \(1 of 2\); running: seed=[12]$/m);
  assert.match(first.stderr, /^seed=[12]: test acc 0\.\d{3}, [\d.]+ s \(2 of 2\)$/m);
  assert.match(first.stdout, /^nin-small +0\.\d{3} +\S+ to \S+ +2 epochs of 30, seeds 1 and 2$/m);
  assert.ok(existsSync(join(out, "compare.html")) && existsSync(join(out, "compare.csv")));
  assert.match(readFileSync(join(out, "seed=1", "train.log"), "utf8"), /^epoch 2\/2 /m);
  const before = await bitsOf(join(out, "seed=1"));

  await t.test("a run is the one that nin train makes with these options", async () => {
    const alone = join(scratch, "alone");
    const { status, stderr } = await runNin(["train", ...call.slice(1, -1), alone, "--seed", "1"]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(await bitsOf(alone), before);
  });

  await t.test("more values are added; a run that fails is named, and does not end the others", async () => {
    const more = await runNin([...call, "--lr", "1e30", "--seeds", "1", "--json"]);
    assert.equal(more.status, 1, more.stderr);
    assert.match(
      more.stderr,
      /^2 runs in \S+sweep: 1 done, 1 new; 1 at a time\. 1 other run there is left alone\.$/m,
    );
    assert.match(
      more.stderr,
      /^error: lr=1e\+30,seed=1: The test loss after epoch 1 is not finite: .*\n {2}Try it alone: \S* ?nin train --resume \S+lr=1e\+30,seed=1 --data-dir \S+ --no-verify\n {2}Its log: \S+train\.log$/m,
    );
    const lines = more.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.slice(0, 2).map(({ name, state }) => [name, state]),
      [
        ["seed=1", "done"],
        ["lr=1e+30,seed=1", "failed"],
      ],
    );
    assert.equal(lines[0].testAccuracy, lines[2].rows[0].testAccuracy);
    assert.deepEqual(
      lines[2].rows.map(({ label, seeds }: { label: string; seeds: number[] }) => [label, seeds]),
      [["lr=0.1", [1]]],
    );
    assert.deepEqual(await bitsOf(join(out, "seed=1")), before);
  });

  await t.test("another value of what all runs have alike is refused, and nothing is changed", async () => {
    const kept = readFileSync(join(out, "sweep.json"), "utf8");
    const other = call.map((word) => (word === "2" ? "3" : word));
    const { status, stderr } = await runNin([...other, "--seeds", "1-3"]);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^error: --epochs: got 3, but \S+sweep was begun with 2\. Choose a new --out for another sweep, or leave --epochs as it was; more values of what varies are added\.\n$/,
    );
    assert.equal(readFileSync(join(out, "sweep.json"), "utf8"), kept);
    assert.equal(existsSync(join(out, "seed=3")), false);
  });
});

test("tasks of a SLURM array share the runs, and the last one compares them", async (t) => {
  const scratch = temporaryFolder(t);
  const call = [
    ...["sweep", ...settings.slice(0, 7), "--epochs", "1", "--seeds", "1-2"],
    ...["--data-dir", tinyData(join(scratch, "data")), "--out", join(scratch, "sweep")],
  ];
  const task = (id: string) => ({
    SLURM_ARRAY_TASK_ID: id,
    SLURM_ARRAY_TASK_COUNT: "2",
    SLURM_ARRAY_TASK_MIN: "1",
    SLURM_ARRAY_TASK_MAX: "2",
  });
  const first = await runNin(call, { env: task("2") });
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stderr, /^seed=2: test acc .*\(1 of 1\)$/m);
  assert.match(first.stderr, /^1 of 2 runs are not done, which is for other tasks of the array; /m);
  assert.equal(first.stdout, "");
  const second = await runNin(call, { env: task("1") });
  assert.equal(second.status, 0, second.stderr);
  assert.match(second.stderr, /^seed=1: test acc .*\(1 of 1\)$/m);
  assert.match(second.stdout, /1 epoch of 30, seeds 1 and 2$/m);
});

test("--dry-run lists the runs with what they take, and writes nothing", async (t) => {
  const scratch = temporaryFolder(t);
  const list = join(scratch, "runs.yaml");
  writeFileSync(list, "- {net: lenet, lr: [0.1, 0.2]}\n- {net: lenet, batch-size: 32}\n");
  const out = join(scratch, "sweep");
  const call = [...settings.slice(0, 3), "--data-dir", tinyData(join(scratch, "data"))];
  const { status, stdout, stderr } = await runNin(["sweep", list, ...call, "--dry-run", "--out", out]);
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /^lr=0\.1 +new +lenet, 10 epochs of all images, batch 256 +about \d[^\n]*\nlr=0\.2 +new [^\n]*\nbatch-size=32 +new +lenet, 10 epochs of all images, batch 32 +about \d[^\n]*\n\n3 runs into \S+sweep, a new sweep: 3 new; 1 at a time\.\nAbout \d[^\n]* together, tests and comparison included\.\n$/,
  );
  assert.equal(existsSync(out), false);
});

test("a folder that is not a sweep's, and data that are not there, are refused before anything is written", async (t) => {
  const scratch = temporaryFolder(t);
  const refused = async (args: readonly string[], sentence: RegExp) => {
    const { status, stdout, stderr } = await runNin(["sweep", "--seeds", "1,2", ...args]);
    assert.deepEqual([status, stdout], [1, ""], stderr);
    assert.match(stderr, sentence);
  };
  mkdirSync(join(scratch, "holiday"));
  await refused(
    ["--out", scratch],
    /^error: --out: \S+ is not empty, and a sweep overwrites nothing\. Choose a new folder\.\n$/,
  );
  const [out, nowhere] = [join(scratch, "sweep"), join(scratch, "nowhere")];
  await refused(
    ["--out", out, "--dataset", "mnist", "--data-dir", nowhere],
    /^error: \S+nowhere: no such folder, expected the data folder that --data-dir names\. [^\n]*\n$/,
  );
  assert.equal(existsSync(out), false);
});

test("a run of a list that cannot be begun is told of by the list and the entry", async (t) => {
  const list = join(temporaryFolder(t), "runs.json");
  writeFileSync(list, JSON.stringify([{ recipe: "nope.json" }]));
  const { status, stderr } = await callNin(["sweep", list]);
  assert.match(
    stderr,
    /^error: .*runs\.json: entry 1: --recipe: nope\.json cannot be read: there is no such file\. /,
  );
  assert.equal(status, 1);
});
