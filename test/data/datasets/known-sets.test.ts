/** KMNIST, QMNIST, EMNIST and CIFAR, read from files in their formats; see test/oracle/known-sets.py. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { Flatten, Linear, openDevice, Sequential, trainCh } from "nin-net";
import type { Dataset } from "#nin-net/data/dataset.js";
import { datasets } from "#nin-net/data/datasets.js";
import { type FileDataset, filesOf } from "#nin-net/data/definition.js";
import { describeData } from "#nin-net/data/describe-data.js";
import type { DownloadProgress } from "#nin-net/data/download-files.js";
import { getMnistData } from "#nin-net/data/get-mnist-data.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { TemporaryFolder, withDataDir } from "../fixtures.js";
import {
  copyKnownSet,
  expectedHalf,
  type KnownName,
  knownNames,
  knownSetsFolder,
  smallKnownSet,
  unpackEmnist,
} from "../known-sets.js";
import { realData } from "../real-data.js";

function assertLoaded(dataset: Dataset, name: KnownName): void {
  for (const half of ["train", "test"] as const) {
    const { labels, imagesSha256 } = expectedHalf(name, half);
    assert.deepEqual([...dataset[half].labels], labels, `${half} labels`);
    const found = createHash("sha256").update(dataset[half].images).digest("hex");
    assert.equal(found, imagesSha256, `${half} images`);
  }
}

for (const name of knownNames) {
  test(`${name} is read as Python wrote it, verified, from its own folder and from the data folder`, async () => {
    const small = smallKnownSet(name);
    const { folder = name } = small;
    for (const place of [folder, "."]) {
      using root = new TemporaryFolder();
      copyKnownSet(name, join(root.path, place));
      const loaded = await loadDataset(small, { dataDir: root.path });
      assertLoaded(loaded, name);
      const [report] = await describeData({ dataDir: root.path }, [small]);
      assert.deepEqual(report!.places[0]!.status, { kind: "verified" });
    }
  });
}

test("EMNIST is found unpacked: in its own folder, in the archive's, in torchvision's", async () => {
  const small = smallKnownSet("emnist-letters");
  for (const [place, packing, kind] of [
    ["emnist", "gzip", "verified"],
    ["emnist/gzip", "gzip", "verified"],
    ["emnist-letters", "gzip", "verified"],
    // The authors publish no digest of unpacked files.
    ["EMNIST/raw", "plain", "readable"],
  ] as const) {
    using root = new TemporaryFolder();
    unpackEmnist(join(root.path, place), packing);
    assertLoaded(await loadDataset(small, { dataDir: root.path }), "emnist-letters");
    const [report] = await describeData({ dataDir: root.path }, [small]);
    assert.equal(report!.places[0]!.status.kind, kind, place);
  }
});

test("where unpacked files cannot be compared, the archive beside them is read", async () => {
  using root = new TemporaryFolder();
  const raw = join(root.path, "EMNIST", "raw");
  unpackEmnist(raw, "plain");
  writeFileSync(join(raw, "emnist-letters-test-labels-idx1-ubyte"), "damaged");
  copyKnownSet("emnist-letters", raw);
  const small = smallKnownSet("emnist-letters");
  assertLoaded(await loadDataset(small, { dataDir: root.path }), "emnist-letters");
  const [report] = await describeData({ dataDir: root.path }, [small]);
  const { files, status } = report!.places[0]!;
  assert.deepEqual([files.map(({ name }) => name), status.kind], [["gzip.zip"], "verified"]);
});

test("CIFAR-10 is found unpacked, where tar puts it and where a person does", async () => {
  const small = smallKnownSet("cifar-10");
  for (const place of [".", "cifar-10"]) {
    using root = new TemporaryFolder();
    const folder = join(root.path, place);
    mkdirSync(folder, { recursive: true });
    const archive = join(process.cwd(), knownSetsFolder, "cifar-10-binary.tar.gz");
    execFileSync("tar", ["-xzf", archive], { cwd: folder });
    assertLoaded(await loadDataset(small, { dataDir: root.path }), "cifar-10");
    const inner = join(folder, "cifar-10-batches-bin");
    assertLoaded(await loadDataset(small, { dataDir: inner }), "cifar-10");
    const [report] = await describeData({ dataDir: root.path }, [small]);
    assert.equal(report!.places[0]!.status.kind, "verified");
    assert.equal(report!.places[0]!.files.length, 6);

    const batch = join(inner, "data_batch_3.bin");
    const bytes = readFileSync(batch);
    bytes[4000]! ^= 1;
    writeFileSync(batch, bytes);
    await assert.rejects(
      loadDataset(small, { dataDir: root.path }),
      /data_batch_3\.bin: got content with MD5 [0-9a-f]{32}, expected [0-9a-f]{32}, the official CIFAR-10\..*--no-verify/,
    );
    writeFileSync(batch, bytes.subarray(0, 6000));
    await assert.rejects(
      loadDataset(small, { dataDir: root.path }),
      /data_batch_3\.bin: got 6000 bytes, expected a multiple of 3073, the records of CIFAR's binary version\./,
    );
    renameSync(batch, `${batch}.old`);
    await assert.rejects(
      loadDataset(small, { dataDir: root.path }),
      /cifar-10-batches-bin: data_batch_3\.bin is missing, expected cifar-10-binary\.tar\.gz or all six files of CIFAR-10 in it\./,
    );
  }
});

test("torchvision's pickles of CIFAR are named, with what is needed instead", async () => {
  using root = new TemporaryFolder();
  mkdirSync(join(root.path, "cifar-10-batches-py"));
  const small = smallKnownSet("cifar-10", { mirrors: datasets["cifar-10"].mirrors });
  await assert.rejects(loadDataset(small, { dataDir: root.path }), (error: Error) => {
    assert.equal(
      error.message.replaceAll(root.path, "DIR"),
      "DIR/cifar-10-batches-py holds CIFAR-10 as Python pickles, torchvision's copy, which is not read here, expected " +
        "cifar-10-binary.tar.gz (https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz) or all six files of " +
        "CIFAR-10 in it. Put either into DIR/cifar-10, or leave --data-dir out to have it downloaded.",
    );
    return true;
  });
  const [report] = await describeData({ dataDir: root.path }, [small]);
  assert.equal(report!.places[0]!.status.kind, "other");
  const cacheDir = join(root.path, "cache");
  await withDataDir(root.path, async () => {
    await assert.rejects(
      loadDataset({ ...small, mirrors: ["http://127.0.0.1:9/"] }, { cacheDir, retrySeconds: 0 }),
      /^DatasetUnavailableError: CIFAR-10 is not in \S+ and could not be downloaded\. .*cifar-10-batches-py holds CIFAR-10 as Python pickles, .*not read here\. Check the connection; or put cifar-10-binary\.tar\.gz into .*cifar-10; or name a folder that holds it with --data-dir, or the address of one with NIN_DATA_URL\. /,
    );
  });
});

test("KMNIST and MNIST, whose files have the same names, are told apart by their contents", async () => {
  using root = new TemporaryFolder();
  copyKnownSet("kmnist", root.path);
  const small = smallKnownSet("kmnist");
  assertLoaded(await loadDataset(small, { dataDir: root.path }), "kmnist");
  await assert.rejects(
    loadDataset("mnist", { dataDir: root.path }),
    /holds four files that are named as those of MNIST, but their contents are not the official ones/,
  );
  // Unpacked, as torchvision leaves them beside the packed ones.
  const raw = join(root.path, "KMNIST", "raw");
  mkdirSync(raw, { recursive: true });
  for (const { name } of filesOf(small)) {
    writeFileSync(join(raw, name), gunzipSync(readFileSync(join(root.path, `${name}.gz`))));
  }
  assertLoaded(await loadDataset(small, { dataDir: join(root.path, "KMNIST") }), "kmnist");
  assertLoaded(await loadDataset(small, { dataDir: raw }), "kmnist");
  // Anywhere else they might be a data set of one's own.
  const unknown = join(root.path, "unknown");
  renameSync(raw, unknown);
  await assert.rejects(loadDataset(small, { dataDir: unknown }), (error: Error) => {
    assert.equal(
      error.message,
      `${unknown}: holds four files that are named as those of Kuzushiji-MNIST and of other data sets, and no ` +
        "checksum of unpacked ones is published to tell which they are. If they are its own, put them into a folder " +
        "kmnist.",
    );
    return true;
  });
});

const { dir: realFolder, skip: noMnist } = { dir: "", ...realData("mnist") };

test("MNIST's unpacked files are not taken for KMNIST's, which cannot be compared", {
  skip: noMnist,
}, async () => {
  using root = new TemporaryFolder();
  const labels = "t10k-labels-idx1-ubyte";
  const own = join(realFolder, "mnist", labels);
  const genuine = existsSync(own) ? readFileSync(own) : gunzipSync(readFileSync(`${own}.gz`));
  for (const { name } of filesOf(datasets.kmnist)) {
    writeFileSync(join(root.path, name), name === labels ? genuine : "");
  }
  await assert.rejects(
    loadDataset("kmnist", { dataDir: root.path }),
    /: holds MNIST, expected Kuzushiji-MNIST\. Name another folder, or ask for --dataset mnist\.$/,
  );
});

test("a file that is packed anew is another where only the official .gz has a digest", async () => {
  using root = new TemporaryFolder();
  const own = join(root.path, "kmnist");
  copyKnownSet("kmnist", own);
  const path = join(own, "t10k-labels-idx1-ubyte.gz");
  writeFileSync(path, gzipSync(gunzipSync(readFileSync(path)), { level: 1 }));
  const small = smallKnownSet("kmnist");
  await assert.rejects(
    loadDataset(small, { dataDir: root.path }),
    /t10k-labels-idx1-ubyte\.gz: got gzip data with SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}, the official Kuzushiji-MNIST/,
  );
  assertLoaded(await loadDataset(small, { dataDir: root.path, verify: false }), "kmnist");
});

test("an unpacked file of another length is not the official one", async () => {
  using root = new TemporaryFolder();
  unpackEmnist(join(root.path, "emnist"), "plain");
  const small = smallKnownSet("emnist-letters");
  const [images, labels] = small.files.train;
  const longer: FileDataset = {
    ...small,
    files: { ...small.files, train: [images!, { ...labels!, bytes: labels!.bytes + 1 }] },
  };
  await assert.rejects(
    loadDataset(longer, { dataDir: root.path }),
    /emnist-letters-train-labels-idx1-ubyte: got 12 bytes, expected 13, the official EMNIST Letters\./,
  );
});

test("damaged, other and foreign archives each have their own sentence", async () => {
  const refused = async (name: KnownName, bytes: Uint8Array, message: RegExp) => {
    using root = new TemporaryFolder();
    const small = smallKnownSet(name);
    writeFileSync(join(root.path, small.archive!.name), bytes);
    await assert.rejects(loadDataset(small, { dataDir: root.path }), message);
  };
  const tar = readFileSync(join(knownSetsFolder, "cifar-10-binary.tar.gz"));
  const zip = readFileSync(join(knownSetsFolder, "gzip.zip"));
  const other = readFileSync(join(knownSetsFolder, "cifar-100-binary.tar.gz"));
  await refused(
    "cifar-10",
    tar.subarray(0, 900),
    /^DataError: \S+cifar-10-binary\.tar\.gz: got gzip data that ends too early/,
  );
  await refused(
    "cifar-10",
    Buffer.from("<html>"),
    /cifar-10-binary\.tar\.gz: got damaged gzip data, expected a tar archive packed with gzip/,
  );
  await refused(
    "cifar-10",
    gzipSync("<html>"),
    /got no header of tar at byte 0, expected one for each file in it/,
  );
  await refused(
    "cifar-10",
    gzipSync(gunzipSync(tar).subarray(0, 9000)),
    /bytes of a tar archive, expected \d+ at least\. It is cut short/,
  );
  await refused(
    "cifar-10",
    other,
    /data_batch_1\.bin is missing in it, expected the cifar-10-binary\.tar\.gz of CIFAR-10\./,
  );
  await refused(
    "cifar-10",
    gzipSync(Buffer.alloc(3_000_000)),
    /unpacks to more bytes than the files in it should have/,
  );
  await refused(
    "emnist-letters",
    zip.subarray(0, 5000),
    /gzip\.zip: the zip archive cannot be read \(.*\)\. It is damaged, cut short or another/,
  );
  await refused("emnist-letters", tar, /gzip\.zip: the zip archive cannot be read/);
});

test("an archive in the cache is fetched once for all data sets in it, verified and kept", async () => {
  using cache = new TemporaryFolder();
  const requests: string[] = [];
  const zip = readFileSync(join(knownSetsFolder, "gzip.zip"));
  const server = createServer(({ url = "" }, response) => {
    requests.push(url);
    response.setHeader("content-length", zip.length);
    response.end(url === "/damaged/gzip.zip" ? Buffer.alloc(zip.length) : zip);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const load = (name: KnownName, path: string, seen: DownloadProgress[] = []) =>
      withDataDir(undefined, () =>
        loadDataset(smallKnownSet(name, { mirrors: [`${address}${path}`] }), {
          cacheDir: cache.path,
          retrySeconds: 0,
          onProgress: (progress) => seen.push(progress),
        }),
      );
    await assert.rejects(
      load("emnist-letters", "damaged/"),
      /EMNIST Letters could not be downloaded\. .*content with SHA-256 [0-9a-f]{64} arrived, expected [0-9a-f]{64} \(gzip\.zip\)\..*put gzip\.zip into .*emnist;/,
    );
    const own = join(cache.path, "emnist");
    assert.deepEqual(existsSync(own) ? readdirSync(own) : [], []);

    const seen: DownloadProgress[] = [];
    assertLoaded(await load("emnist-letters", "", seen), "emnist-letters");
    const { file, fileNumber, fileCount, receivedBytes } = seen.at(-1)!;
    assert.deepEqual([file, fileNumber, fileCount, receivedBytes], ["gzip.zip", 1, 1, zip.length]);
    assertLoaded(await load("emnist-balanced", ""), "emnist-balanced");
    assert.deepEqual(readdirSync(own), ["gzip.zip"]);
    assert.deepEqual(requests, ["/damaged/gzip.zip", "/damaged/gzip.zip", "/gzip.zip"]);
  } finally {
    await new Promise((done) => server.close(done));
  }
});

test("where the .gz has the digest it is compared as it arrives; unpacked on the way it is refused", async () => {
  let isUnpacked = false;
  const server = createServer(({ url = "" }, response) => {
    if (isUnpacked) response.setHeader("content-encoding", "gzip");
    response.end(readFileSync(join(knownSetsFolder, "kmnist", url.slice(1))));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const mirrors = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`];
    const load = (cacheDir: string) =>
      withDataDir(undefined, () =>
        loadDataset(smallKnownSet("kmnist", { mirrors }), { cacheDir, retrySeconds: 0 }),
      );
    using cache = new TemporaryFolder();
    assertLoaded(await load(cache.path), "kmnist");
    assert.equal(readdirSync(join(cache.path, "kmnist")).filter((name) => name.endsWith(".gz")).length, 4);
    isUnpacked = true;
    using other = new TemporaryFolder();
    await assert.rejects(
      load(other.path),
      /unpacked content arrived, expected the official train-images-idx3-ubyte\.gz, whose checksum is known\./,
    );
    assert.deepEqual(readdirSync(join(other.path, "kmnist")), []);
  } finally {
    await new Promise((done) => server.close(done));
  }
});

test("labels of no class and images without labels are refused, checksums or none", async () => {
  using root = new TemporaryFolder();
  const own = join(root.path, "qmnist");
  copyKnownSet("qmnist", own);
  const path = join(own, "qmnist-test-labels-idx2-int.gz");
  const labels = gunzipSync(readFileSync(path));
  const load = () => loadDataset(smallKnownSet("qmnist"), { dataDir: root.path, verify: false });
  labels.writeInt32BE(10, 12 + 4 * 8);
  writeFileSync(path, gzipSync(labels));
  await assert.rejects(
    load(),
    /qmnist-test-labels-idx2-int\.gz: got label 10 for image 1, expected 0 to 9\./,
  );
  labels.writeUInt32BE(2, 4);
  writeFileSync(path, gzipSync(labels.subarray(0, -32)));
  await assert.rejects(
    load(),
    /got 2 labels, expected 3, one for each image of .*qmnist-test-images-idx3-ubyte\.gz\./,
  );
});

test("the tutorial's calls take colour and many classes: getMnistData, trainCh", async () => {
  using root = new TemporaryFolder();
  copyKnownSet("cifar-100", root.path);
  const options = { dataset: smallKnownSet("cifar-100"), dataDir: root.path, resize: 8 };
  const [trainIter, testIter] = await getMnistData(2, options);
  const net = new Sequential(new Flatten(), new Linear(3 * 8 * 8, 100));
  using device = await openDevice("cpu", { threads: 1 });
  const { trainLossNats } = await trainCh(net, trainIter, testIter, {
    epochs: 1,
    lr: 0.1,
    device,
    log: () => {},
  });
  assert.ok(trainLossNats !== null && trainLossNats > 0 && Number.isFinite(trainLossNats));
});

test("the catalogue's sizes are those of the numbers of images in the papers", () => {
  const images: Readonly<Record<string, readonly [train: number, test: number]>> = {
    mnist: [60_000, 10_000],
    kmnist: [60_000, 10_000],
    qmnist: [60_000, 60_000],
    "emnist-letters": [124_800, 20_800],
    "emnist-balanced": [112_800, 18_800],
    "emnist-byclass": [697_932, 116_323],
    "emnist-bymerge": [697_932, 116_323],
    "emnist-digits": [240_000, 40_000],
    "emnist-mnist": [60_000, 10_000],
  };
  for (const [name, [train, tested]] of Object.entries(images)) {
    const { files } = datasets[name as "kmnist"] as FileDataset;
    const counts = [files.train, files.test].map(([first]) => (first!.bytes - 16) / 784);
    assert.deepEqual(counts, [train, tested], name);
  }
  const bytesOf = (name: "cifar-10" | "cifar-100") => filesOf(datasets[name]).map(({ bytes }) => bytes);
  assert.deepEqual(bytesOf("cifar-10"), Array(6).fill(30_730_000));
  assert.deepEqual(bytesOf("cifar-100"), [153_700_000, 30_740_000]);
});

test("every digest of the catalogue is one, and no two files have the same", () => {
  const lengths = { sha256: 64, md5: 32 };
  const seen = new Map<string, string>();
  for (const definition of Object.values(datasets) as FileDataset[]) {
    if (definition.kind !== "files") continue;
    for (const { name, digest } of filesOf(definition)) {
      assert.match(digest.hex, new RegExp(`^[0-9a-f]{${lengths[digest.algorithm]}}$`), name);
      const other = seen.get(digest.hex);
      // CIFAR-100 and its coarse classes have the same files.
      assert.ok(other === undefined || other === `${definition.folder} ${name}`, `${name} and ${other}`);
      seen.set(digest.hex, `${definition.folder} ${name}`);
    }
  }
});
