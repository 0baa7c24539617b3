import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { mnist } from "#nin-net/data/datasets/mnist.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import {
  contents,
  fileNames,
  fileRoles,
  smallEntry,
  TemporaryFolder,
  testSplit,
  withDataDir,
} from "./fixtures.js";

const small = smallEntry();

/** The four files under names of the caller's choice. */
function writeFiles(folder: string, nameOf: (name: string) => string, files = contents): void {
  mkdirSync(folder, { recursive: true });
  for (const role of fileRoles) writeFileSync(join(folder, nameOf(fileNames[role])), files[role]);
}

const layouts: readonly [title: string, folder: string, nameOf: (name: string) => string][] = [
  ["the data folder itself", ".", (name) => name],
  ["torchvision's folder", "FashionMNIST/raw", (name) => name],
  ["names with a dot", "fashion-mnist", (name) => name.replace("-idx", ".idx")],
  ["names with a dot in the data folder itself", ".", (name) => name.replace("-idx", ".idx")],
];

for (const [title, folder, nameOf] of layouts) {
  test(`finds a data set in ${title}`, async () => {
    using root = new TemporaryFolder();
    writeFiles(join(root.path, folder), nameOf);
    const named = await loadDataset(small, { dataDir: root.path });
    assert.deepEqual(named.test.labels, testSplit.labels);
    const options = { cacheDir: join(root.path, "cache"), download: false };
    const found = await withDataDir(root.path, () => loadDataset(small, options));
    assert.equal(found.source, join(root.path, folder));
  });
}

test("finds torchvision's files in the folder that torchvision names, and in its raw folder", async () => {
  using root = new TemporaryFolder();
  writeFiles(join(root.path, "FashionMNIST", "raw"), (name) => name);
  for (const dataDir of [join(root.path, "FashionMNIST"), join(root.path, "FashionMNIST", "raw")]) {
    assert.equal((await loadDataset(small, { dataDir })).train.count, 20);
  }
});

test("a folder that holds another data set's files is known by their contents", async () => {
  using root = new TemporaryFolder();
  writeFiles(root.path, (name) => name);
  const other = { ...mnist, mirrors: [] };
  await assert.rejects(
    loadDataset(other, { dataDir: root.path }),
    /holds four files that are named as those of MNIST, but their contents are not the official ones\..*--no-verify/,
  );
  const own = await loadDataset(other, { dataDir: root.path, verify: false });
  assert.equal(own.test.count, 10);
});

test("files of no known content in NIN_DATA_DIR are not passed over", async () => {
  using root = new TemporaryFolder();
  const files = {
    ...contents,
    testLabels: encodeIdx(
      testSplit.labels.map((label) => (label + 1) % 10),
      "labels",
    ),
  };
  writeFiles(root.path, (name) => name, files);
  await withDataDir(root.path, () =>
    assert.rejects(
      loadDataset(small, { cacheDir: join(root.path, "cache") }),
      /their contents are not the official/,
    ),
  );
});

test("files that are there in part are named where they lie", async () => {
  using root = new TemporaryFolder();
  const raw = join(root.path, "FashionMNIST", "raw");
  mkdirSync(raw, { recursive: true });
  writeFileSync(join(raw, "train-images-idx3-ubyte.gz"), gzipSync(contents.trainImages));
  await assert.rejects(loadDataset(small, { dataDir: root.path }), (error: Error) => {
    assert.equal(error.name, "DataError");
    assert.ok(error.message.startsWith(`${raw}: train-labels-idx1-ubyte.gz, t10k`), error.message);
    return true;
  });
});

test("without a home folder the library loads, and the cache is asked for by name", () => {
  const library = pathToFileURL(join("packages", "nin-net", "dist", "index.js")).href;
  const script = `
    import os from "node:os";
    import { syncBuiltinESMExports } from "node:module";
    os.homedir = () => { throw Object.assign(new Error("uv_os_homedir returned ENOENT"), { code: "ERR_SYSTEM_ERROR" }); };
    syncBuiltinESMExports();
    const { loadDataset } = await import(${JSON.stringify(library)});
    await loadDataset("synthetic");
    await loadDataset("mnist").catch(({ name, message }) => console.log(name + ": " + message));
  `;
  const env = { ...process.env, NIN_DATA_DIR: "", XDG_CACHE_HOME: "" };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env,
    encoding: "utf8",
  });
  assert.equal(
    stdout,
    "DataError: The user has no home folder in which downloads could be kept. Name a cache folder with " +
      "XDG_CACHE_HOME, or a folder that holds the data with NIN_DATA_DIR.\n",
    stderr,
  );
});
