import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { NinNet } from "#nin-net/models/nin.js";
import type { TrainEvent } from "#nin-net/train/events.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

/** Three steps of four small drawn images an epoch. */
const tiny = [
  "--dataset",
  "drawn",
  "--limit",
  "12",
  "--batch-size",
  "4",
  "--resize",
  "67",
  "--momentum",
  "0.9",
];
const begin = ["train", ...tiny, "--json"];

/** A run's events without what a clock measured or the call decided. */
function timelessEvents(folder: string): object[] {
  return readFileSync(join(folder, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const event = JSON.parse(line) as TrainEvent;
      const call = { device: "", threads: 0, run: "" };
      return { ...event, ...call, imagesPerSecond: 0, seconds: 0 };
    });
}

/** The columns of metrics.csv without what a clock measured. */
function timelessMetrics(folder: string): string[] {
  const lines = readFileSync(join(folder, "metrics.csv"), "utf8").trimEnd().split("\n");
  return lines.map((line) => line.split(",").slice(0, 5).join(","));
}

async function weightsOf(folder: string): Promise<NinNet> {
  const net = new NinNet();
  await (await RunFolder.open(folder)).loadCheckpoint(net);
  return net;
}

test("a run stopped within an epoch and resumed with other threads is the one that was never stopped", async (t) => {
  const scratch = temporaryFolder(t);
  const whole = join(scratch, "whole");
  const parts = join(scratch, "parts");
  const one = await runNin([...begin, "--epochs", "2", "--threads", "1", "--out", whole]);
  assert.equal(one.status, 0, one.stderr);

  const stopped = await runNin([...begin, "--epochs", "1", "--threads", "1", "--out", parts], {
    signalAt: { text: '"step":1,', signal: "SIGTERM" },
  });
  assert.equal(stopped.status, 143, stopped.stderr);
  const before = timelessEvents(parts).length;

  await t.test("to the bit: weights, events, metrics", async () => {
    // More epochs than it was begun with, too.
    const resumed = await runNin(["train", "--resume", parts, "--epochs", "2", "--threads", "2"]);
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.match(resumed.stderr, /\nResumed after step [123] of epoch 1\n/);
    assert.deepEqual(timelessEvents(parts), timelessEvents(whole));
    assert.ok(timelessEvents(whole).length > before);
    assert.deepEqual(timelessMetrics(parts), timelessMetrics(whole));
    assert.deepEqual((await weightsOf(parts)).stateDict(), (await weightsOf(whole)).stateDict());
    const files = [
      "best.safetensors",
      "checkpoint.safetensors",
      "config.json",
      "curves.svg",
      "events.jsonl",
      "metrics.csv",
    ];
    assert.deepEqual(
      readdirSync(parts)
        .filter((name) => files.includes(name))
        .sort(),
      files,
    );
    assert.ok(!readdirSync(parts).includes("run.lock"));
  });

  await t.test("a finished run has nothing left to do, and says how it would", async () => {
    const { status, stderr } = await runNin(["train", "--resume", parts, "--json"]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /\nAll 2 epochs were done already; a larger --epochs adds more\.\n$/);
    assert.deepEqual(timelessEvents(parts), timelessEvents(whole));
  });

  const refused = async (args: readonly string[], folder = parts): Promise<string> => {
    const { status, stdout, stderr } = await runNin(["train", "--resume", folder, ...args]);
    assert.equal(status, 1, stderr);
    assert.equal(stdout, "");
    return stderr;
  };

  await t.test("a changed recipe is refused by the setting", async () => {
    assert.equal(
      await refused(["--lr", "0.05"]),
      "error: --lr: got 0.05, but the run was begun with 0.1. " +
        "A run goes on as it was begun: leave --lr out, or train a new run.\n",
    );
    assert.equal(
      await refused(["--batch-size", "8", "--momentum", "0.9"]),
      "error: --batch-size: got 8, but the run was begun with 4. " +
        "A run goes on as it was begun: leave --batch-size out, or train a new run.\n",
    );
    assert.match(
      await refused(["--normalize"]),
      /^error: --normalize: got \[0\.\d+\], but the run was begun with none\. A run goes on as it was begun: leave --normalize out/,
    );
    assert.match(await refused(["--clip", "1"]), /^error: --clip: got 1, but the run was begun with none\. /);
    assert.match(
      await refused(["--last-relu", "--norm", "batch"]),
      /^error: --norm: got batch, but the run was begun with the network's default\. /,
    );
    assert.equal(
      await refused(["--limit", "all"]),
      "error: --limit: got all, but the run was begun with 12. " +
        "A run goes on as it was begun: leave --limit out, or train a new run.\n",
    );
    assert.equal(
      await refused(["--dataset", "mnist"]),
      "error: --dataset: got mnist, but the run was begun with synthetic. " +
        "A run goes on as it was begun: leave --dataset out, or train a new run.\n",
    );
    assert.equal(
      await refused(["--epochs", "1"]),
      "error: --epochs: got 1, but the run was begun with 2, expected as many or more. " +
        "Leave --epochs out, or train a new run.\n",
    );
  });

  await t.test("so is a changed config.json, and other data", async () => {
    const changed = join(scratch, "changed");
    cpSync(parts, changed, { recursive: true });
    const file = join(changed, "config.json");
    const config = readFileSync(file, "utf8");
    writeFileSync(file, config.replace('"lr": 0.1', '"lr": 0.2'));
    assert.equal(
      await refused([], changed),
      `error: ${file}: lr is 0.2, but the checkpoint was trained with 0.1. ` +
        "Put the file back as it was, or train a new run.\n",
    );
    const checksum = /"datasetChecksum": "(\w+)"/.exec(config)![1]!;
    const other = "0".repeat(64);
    writeFileSync(file, config.replace(checksum, other));
    assert.equal(
      await refused([], changed),
      `error: ${file}: datasetChecksum is ${other}, but the checkpoint was trained on data of ${checksum}. ` +
        "Put the file back as it was, or train a new run.\n",
    );
  });

  await t.test("weights of another network are refused by what they lack", async () => {
    const other = join(scratch, "other");
    cpSync(parts, other, { recursive: true });
    using run = await RunFolder.reopen(other);
    const { state } = await run.readCheckpoint();
    await run.rewind(await run.readCheckpoint(), 2);
    const { "model.0.0.weight": _, ...weights } = state.weights;
    await run.saveState({ ...state, weights });
    run[Symbol.dispose]();
    const before = readFileSync(join(other, "config.json"), "utf8") + timelessEvents(other).length;
    assert.match(
      await refused(["--epochs", "3"], other),
      /^error: NinNet layer 0\.0 \(Conv2d\): got no weight named model\.0\.0\.weight, expected one of shape \[96, 1, 11, 11\]\./,
    );
    assert.equal(readFileSync(join(other, "config.json"), "utf8") + timelessEvents(other).length, before);
  });

  await t.test("so are weights without what the optimizer keeps; nothing is changed", async () => {
    const bare = join(scratch, "bare");
    cpSync(parts, bare, { recursive: true });
    const checkpoint = join(bare, "checkpoint.safetensors");
    cpSync(join(bare, "best.safetensors"), checkpoint);
    const before = timelessEvents(bare).length;
    assert.equal(
      await refused(["--epochs", "3"], bare),
      `error: ${checkpoint}: has no momentum, which sgd keeps for each weight. ` +
        "Put the run's own checkpoint back, or train a new run.\n",
    );
    assert.equal(timelessEvents(bare).length, before);
  });

  await t.test("so is a run whose checkpoint is gone, by what shows that it had one", async () => {
    const lost = join(scratch, "lost");
    cpSync(parts, lost, { recursive: true });
    const checkpoint = join(lost, "checkpoint.safetensors");
    rmSync(checkpoint);
    const before = timelessEvents(lost).length;
    for (const witness of ["best.safetensors", "events.jsonl"]) {
      assert.equal(
        await refused([], lost),
        `error: ${checkpoint}: is missing, but ${witness} shows that the run has trained. ` +
          "Put the file back, or train a new run.\n",
      );
      assert.equal(timelessEvents(lost).length, before);
      rmSync(join(lost, witness));
    }
  });

  await t.test("a run that ended before its first checkpoint starts again, and says so", async () => {
    const begun = join(scratch, "begun");
    cpSync(parts, begun, { recursive: true });
    for (const file of ["checkpoint.safetensors", "best.safetensors"]) rmSync(join(begun, file));
    const [start] = readFileSync(join(parts, "events.jsonl"), "utf8").split("\n");
    writeFileSync(join(begun, "events.jsonl"), `${start}\n`);
    const { status, stderr } = await runNin(["train", "--resume", begun, "--threads", "1"]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^The run had ended before its first checkpoint: it starts again\.\nNinNet, /);
    assert.deepEqual(timelessEvents(begun), timelessEvents(whole));
    assert.deepEqual((await weightsOf(begun)).stateDict(), (await weightsOf(whole)).stateDict());
  });

  await t.test("a run that another process trains is refused", async () => {
    using run = await RunFolder.reopen(parts);
    assert.equal(
      await refused(["--epochs", "3"]),
      `error: ${run.path}: process ${process.pid} trains in this folder. ` +
        "Wait for it or stop it, or choose another folder.\n",
    );
  });

  await t.test("--out and --preset have no place beside --resume", async () => {
    const wrong = async (...args: string[]): Promise<string> => {
      const { status, stderr } = await runNin(["train", "--resume", parts, ...args]);
      assert.equal(status, 2);
      return stderr.split("\n")[0]!;
    };
    assert.equal(
      await wrong("--out", "runs/a"),
      'error: --out: got "runs/a" beside --resume, but a run goes on in its own folder. Leave one of them out.',
    );
    assert.equal(
      await wrong("--preset", "tutorial"),
      'error: --preset: got "tutorial" beside --resume, but a run goes on with its own recipe. Leave one of them out.',
    );
    assert.equal(
      await wrong("--checkpoint-every", "0"),
      'error: --checkpoint-every: got "0", expected a number above 0.',
    );
    assert.equal(
      await wrong("--on-divergence", "pray"),
      'error: --on-divergence: got "pray", expected stop or rollback.',
    );
  });
});

test("an option of the network that is the same, or its default, changes nothing; another is named", async (t) => {
  const out = join(temporaryFolder(t), "run");
  const small = ["--dataset", "drawn", "--limit", "4", "--batch-size", "4", "--normalize", "--resize", "16"];
  const begun = await runNin([
    ...["train", ...small, "--net", "nin-small", "--widths", "4,4,4", "--epochs", "1", "--out", out],
  ]);
  assert.equal(begun.status, 0, begun.stderr);
  const resume = (...args: string[]) => runNin(["train", "--resume", out, "--epochs", "2", ...args]);
  const refused = async (...args: string[]) => (await resume(...args)).stderr.split(". ")[0];
  const same = ["--widths", "4,4,4"];
  assert.equal(
    await refused(...same, "--dropout", "0", "--depth", "2"),
    "error: --depth: got 2, but the run was begun with the network's default",
  );
  assert.equal(
    await refused("--widths", "4,4,8"),
    "error: --widths: got [4,4,8], but the run was begun with [4,4,4]",
  );
  assert.match(
    (await refused("--no-normalize"))!,
    /^error: --no-normalize: got none, but the run was begun with \[0/,
  );
  const { status, stderr } = await resume(...same, "--depth", "1");
  assert.equal(status, 0, stderr);
});

test("of a run whose schedule spans it, more epochs are not offered at the end", async (t) => {
  const out = join(temporaryFolder(t), "run");
  const small = [...tiny, "--epochs", "1", "--schedule", "one-cycle", "--out", out];
  assert.equal((await runNin(["train", ...small])).status, 0);
  const { stderr } = await runNin(["train", "--resume", out]);
  assert.match(stderr, /^The one epoch was done already\.$/m);
});

test("a run goes on with the passes that it was begun with, and is refused others", async (t) => {
  const scratch = temporaryFolder(t);
  const [whole, parts] = [join(scratch, "whole"), join(scratch, "parts")];
  const passes = ["--passes", "no-winograd,no-fold-resize"];
  for (const [out, epochs] of [
    [whole, "2"],
    [parts, "1"],
  ] as const) {
    const { status, stderr } = await runNin([...begin, ...passes, "--epochs", epochs, "--out", out]);
    assert.equal(status, 0, stderr);
  }
  const other = await runNin(["train", "--resume", parts, "--epochs", "2", "--passes", "all"]);
  assert.equal(
    other.stderr,
    "error: --passes: got all, but the run was begun with no-fold-resize,no-winograd. " +
      "A run goes on as it was begun: leave --passes out, or train a new run.\n",
  );
  assert.equal(other.status, 1);

  // Left out, or in other words.
  const same = join(scratch, "same");
  cpSync(parts, same, { recursive: true });
  for (const [run, words] of [
    [parts, []],
    [same, ["--passes", "sum-early,fuse-epilogues,fuse-pointwise,chain-rows"]],
  ] as const) {
    const resumed = await runNin(["train", "--resume", run, "--epochs", "2", ...words]);
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.match(resumed.stderr, /, without the passes winograd, fold-resize\n/);
    assert.deepEqual(timelessEvents(run), timelessEvents(whole));
    assert.deepEqual((await weightsOf(run)).stateDict(), (await weightsOf(whole)).stateDict());
  }
  assert.notDeepEqual(timelessEvents(whole), []);

  const file = join(parts, "config.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"fold-resize"', '"fold-socks"'));
  const damaged = await runNin(["train", "--resume", parts]);
  assert.match(
    damaged.stderr,
    /^error: .*config\.json: withoutPasses is \["winograd","fold-socks"\], expected a list of all, fold-resize, .*\. Put the file back as it was\.\n$/,
  );
  assert.equal(damaged.status, 1);
});

test("a folder without a run cannot be resumed, and is left as it is", async (t) => {
  const folder = temporaryFolder(t);
  const { status, stderr } = await runNin(["train", "--resume", folder]);
  assert.equal(
    stderr,
    `error: ${join(folder, "config.json")}: cannot be read: there is no such file. ` +
      "Give the folder that `nin train` named at its end.\n",
  );
  assert.equal(status, 1);
  assert.deepEqual(readdirSync(folder), []);

  const none = join(folder, "none");
  const missing = await runNin(["train", "--resume", none]);
  assert.equal(
    missing.stderr,
    `error: ${none}: no such folder, expected a run's, as nin train names it at its end.\n`,
  );
  assert.equal(missing.status, 1);
});

test("a diverging run ends with one clear sentence, exit 1, and its last good checkpoint", async (t) => {
  const out = join(temporaryFolder(t), "run");
  const { status, stdout, stderr } = await runNin([...begin, "--lr", "1e30", "--out", out]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /\nThe last good weights are in .*run\nGo on with half the learning rate: npx nin train --resume .*run --on-divergence rollback\nerror: The loss in epoch 1, step 2 is not finite: at learning rate 1e\+30 the weights have grown without bound\. Training has stopped, and the last good checkpoint is kept\. Start again with a lower learning rate, such as 1e\+29, or let a divergence roll back\.\n$/,
  );
  const kinds = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as TrainEvent).kind);
  assert.deepEqual(kinds, ["start", "step", "divergence", "done"]);
  assert.deepEqual(
    (await weightsOf(out)).stateDict()["model.0.0.bias"],
    new NinNet().stateDict()["model.0.0.bias"],
  );

  // Four halvings of such a rate do not help; they are tried all the same.
  const rolled = await runNin(["train", "--resume", out, "--on-divergence", "rollback", "--json"]);
  assert.equal(rolled.status, 1);
  const divergences = rolled.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainEvent)
    .filter((event) => event.kind === "divergence");
  assert.deepEqual(
    divergences.map(({ action }) => action),
    ["rollback", "rollback", "rollback", "stop"],
  );
  assert.match(
    rolled.stderr,
    /\nnote: The loss in epoch 1, step 2 is not finite: .* \(rollback 1 of at most 3\)\.\n/,
  );
  // What did not help is not advised again.
  assert.match(
    rolled.stderr,
    /\nThe last good weights are in .*run\nerror: .* start again with another recipe\.\n$/,
  );
});
