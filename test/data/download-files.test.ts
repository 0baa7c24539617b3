import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DatasetUnavailableError } from "#nin-net/data/dataset-unavailable-error.js";
import type { FileDataset } from "#nin-net/data/definition.js";
import type { DownloadProgress } from "#nin-net/data/download-files.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { type LoadOptions, loadDataset } from "#nin-net/data/load-dataset.js";
import {
  contents,
  entryFor,
  type FileRole,
  fileNames,
  fileRoles,
  smallEntry,
  TemporaryFolder,
  testSplit,
  trainSplit,
  withDataDir,
} from "./fixtures.js";

type Answer = (response: ServerResponse, packed: Buffer) => void;

const whole: Answer = (response, packed) => {
  response.setHeader("content-length", packed.length);
  response.end(packed);
};

/** A mirror on this machine; `answer` may treat every request, counted from 1, in its own way. */
class Mirror implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly #server;

  constructor(answer: (request: number, path: string) => Answer, files = contents) {
    this.#server = createServer(({ url = "" }, response) => {
      this.requests.push(url);
      const role = fileRoles.find((known) => url.endsWith(`/${fileNames[known]}.gz`));
      if (role === undefined) response.writeHead(404).end();
      else answer(this.requests.length, url)(response, gzipSync(files[role]));
    });
  }

  /** Starts to listen; gives the address that catalogues use. */
  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/data/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

/** Loads into an empty cache folder, with no other data folder named. */
function download(cacheDir: string, entry: FileDataset, options: LoadOptions = {}) {
  return withDataDir(undefined, () =>
    loadDataset(entry, {
      cacheDir,
      retrySeconds: 0,
      ...options,
    }),
  );
}

function filesIn(cacheDir: string): string[] {
  const folder = join(cacheDir, "fashion-mnist");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

const allFour = [
  "t10k-images-idx3-ubyte.gz",
  "t10k-labels-idx1-ubyte.gz",
  "train-images-idx3-ubyte.gz",
  "train-labels-idx1-ubyte.gz",
];

/** Asserts that the download is refused with this text and leaves no file at all. */
async function refused(
  answer: (request: number) => Answer,
  text: RegExp,
  options: LoadOptions = {},
): Promise<Mirror> {
  using cache = new TemporaryFolder();
  await using mirror = new Mirror(answer);
  await assert.rejects(download(cache.path, smallEntry([await mirror.open()]), options), (error: Error) => {
    assert.ok(error instanceof DatasetUnavailableError, String(error));
    assert.match(error.message, text);
    return true;
  });
  assert.deepEqual(filesIn(cache.path), []);
  return mirror;
}

test("downloads the four files with progress, and finds them the next time", async () => {
  using cache = new TemporaryFolder();
  await using mirror = new Mirror(() => whole);
  const entry = smallEntry([await mirror.open()]);
  const seen: DownloadProgress[] = [];
  const dataset = await download(cache.path, entry, { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(dataset.train.images, trainSplit.images);
  assert.deepEqual(dataset.test.labels, testSplit.labels);
  assert.deepEqual(filesIn(cache.path), allFour);

  const ends = seen.filter(({ receivedBytes, totalBytes }) => receivedBytes === totalBytes);
  assert.deepEqual(
    ends.map(({ file, fileNumber, fileCount, dataset: name }) => [file, fileNumber, fileCount, name]),
    fileRoles.map((role, i) => [`${fileNames[role]}.gz`, i + 1, 4, "fashion-mnist"]),
  );
  assert.equal(ends[0]!.totalBytes, entry.files.train[0]!.packedBytes);

  await download(cache.path, entry);
  assert.equal(mirror.requests.length, 4);
});

test("fetches only what the cache lacks, and leaves the rest as it is", async () => {
  using cache = new TemporaryFolder();
  const folder = cache.writeDataset("fashion-mnist", { testImages: null });
  const anew = gzipSync(contents.trainImages, { level: 1 });
  writeFileSync(join(folder, "train-images-idx3-ubyte.gz"), anew);
  await using mirror = new Mirror(() => whole);
  await download(cache.path, smallEntry([await mirror.open()]));
  assert.deepEqual(mirror.requests, ["/data/t10k-images-idx3-ubyte.gz"]);
  assert.deepEqual(readFileSync(join(folder, "train-images-idx3-ubyte.gz")), anew);
});

test("NIN_DATA_DIR without the data set is followed by the download", async () => {
  using cache = new TemporaryFolder();
  await using mirror = new Mirror(() => whole);
  const entry = smallEntry([await mirror.open()]);
  await withDataDir(join(cache.path, "nowhere"), () => loadDataset(entry, { cacheDir: cache.path }));
  assert.deepEqual(filesIn(cache.path), allFour);
});

test("goes to the mirror when the official address has no file, after one retry", async () => {
  using cache = new TemporaryFolder();
  await using official = new Mirror(() => (response) => response.writeHead(404).end("gone"));
  await using mirror = new Mirror(() => whole);
  await download(cache.path, smallEntry([await official.open(), await mirror.open()]));
  assert.deepEqual([official.requests.length, mirror.requests.length], [8, 4]);
  assert.deepEqual(filesIn(cache.path), allFour);
});

test("the mirror that NIN_DATA_URL or the caller names comes first, with a folder a data set, and is verified", async () => {
  using folder = new TemporaryFolder();
  await using official = new Mirror(() => whole);
  await using own = new Mirror(() => whole);
  const entry = smallEntry([await official.open()]);
  const address = (await own.open()).replace(/\/$/, "");
  process.env.NIN_DATA_URL = address;
  try {
    await download(folder.path, entry);
  } finally {
    delete process.env.NIN_DATA_URL;
  }
  assert.deepEqual(own.requests.length, 4);
  assert.equal(own.requests[0], "/data/fashion-mnist/train-images-idx3-ubyte.gz");
  assert.deepEqual(official.requests, []);

  using other = new TemporaryFolder();
  await using wrong = new Mirror(() => (response) => response.end(gzipSync("another content")));
  await download(other.path, entry, { mirror: `${await wrong.open()}/` });
  assert.equal(wrong.requests[0], "/data/fashion-mnist/train-images-idx3-ubyte.gz");
  assert.equal(official.requests.length, 4);
  assert.deepEqual(filesIn(other.path), allFour);
});

test("a mirror that is no address is refused before anything is asked for", async () => {
  using folder = new TemporaryFolder();
  await using official = new Mirror(() => whole);
  const entry = smallEntry([await official.open()]);
  for (const mirror of ["mirror.example/data", "ftp://mirror.example/", "C:\\data"]) {
    await assert.rejects(download(folder.path, entry, { mirror }), {
      name: "DataError",
      message:
        `mirror: got ${JSON.stringify(mirror)}, expected the http or https address of a folder that holds ` +
        "fashion-mnist/, such as https://mirror.example/data/.",
    });
  }
  assert.deepEqual(official.requests, []);
});

test("tries an address a second time when the connection is cut", async () => {
  using cache = new TemporaryFolder();
  await using mirror = new Mirror((request) =>
    request === 1
      ? (response, packed) => {
          response.setHeader("content-length", packed.length);
          response.write(packed.subarray(0, 500), () => response.destroy());
        }
      : whole,
  );
  await download(cache.path, smallEntry([await mirror.open()]));
  assert.equal(mirror.requests.length, 5);
  assert.deepEqual(filesIn(cache.path), allFour);
});

test("a connection cut every time leaves no half file", async () => {
  const cut: Answer = (response, packed) => {
    response.setHeader("content-length", packed.length);
    response.write(packed.subarray(0, packed.length / 2), () => response.destroy());
  };
  const mirror = await refused(
    () => cut,
    /^Small Fashion could not be downloaded\. http:\/\/127\.0\.0\.1:\d+\/data\/train-images-idx3-ubyte\.gz: .*Check the connection; or put train-images-idx3-ubyte\.gz, train-labels-idx1-ubyte\.gz, t10k-images-idx3-ubyte\.gz and t10k-labels-idx1-ubyte\.gz into .*fashion-mnist; or name a folder that holds them with --data-dir, or the address of one with NIN_DATA_URL\. The data set synthetic needs no download/,
  );
  assert.equal(mirror.requests.length, 2);
});

test("a body that ends early without saying so is cut short", async () => {
  await refused(
    () => (response, packed) => response.end(packed.subarray(0, packed.length - 9)),
    /ends too early/,
  );
});

test("wrong bytes are refused: another content, another kind, too many, a server's error", async () => {
  const other = gzipSync(encodeIdx(new Uint8Array(784 * 20), "images", { height: 28, width: 28 }));
  await refused(
    () => (response) => response.end(other),
    /content with SHA-256 [0-9a-f]{64} arrived, expected/,
  );
  await refused(() => (response) => response.end("<html>log in first</html>"), /got magic number 0x3c68746d/);
  await refused(() => (response) => response.end(Buffer.alloc(200_000)), /more than \d+ bytes arrived/);
  await refused(() => (response) => response.writeHead(503).end(), /HTTP status 503 Service Unavailable\./);
});

test("an address where nobody listens is refused", async () => {
  using cache = new TemporaryFolder();
  const mirror = new Mirror(() => whole);
  const address = await mirror.open();
  await mirror[Symbol.asyncDispose]();
  await assert.rejects(download(cache.path, smallEntry([address])), /fetch failed \(.*ECONNREFUSED.*\)\./);
});

test("a server that unpacks on the way gives a plain file", async () => {
  using cache = new TemporaryFolder();
  const encoded: Answer = (response, packed) => {
    response.setHeader("content-encoding", "gzip");
    whole(response, packed);
  };
  await using mirror = new Mirror(() => encoded);
  const entry = smallEntry([await mirror.open()]);
  await download(cache.path, entry);
  assert.deepEqual(
    filesIn(cache.path),
    allFour.map((name) => name.replace(".gz", "")),
  );
  assert.deepEqual(
    Uint8Array.from(readFileSync(join(cache.path, "fashion-mnist", "train-images-idx3-ubyte"))),
    contents.trainImages,
  );
});

test("a slow server is waited for, a silent one given up", async () => {
  using cache = new TemporaryFolder();
  const slow: Answer = (response, packed) => {
    const third = Math.ceil(packed.length / 3);
    [0, 1, 2].forEach((part) => {
      setTimeout(() => {
        const piece = packed.subarray(part * third, (part + 1) * third);
        if (part < 2) response.write(piece);
        else response.end(piece);
      }, part * 40);
    });
  };
  await using mirror = new Mirror(() => slow);
  await download(cache.path, smallEntry([await mirror.open()]), { stallSeconds: 5 });
  assert.deepEqual(filesIn(cache.path), allFour);
  const silent: Answer = (response, packed) => response.write(packed.subarray(0, 100));
  await refused(() => silent, /nothing arrived for 0\.1 seconds\./, { stallSeconds: 0.1 });
});

test("stops at the signal, with its reason, and tidies up", async () => {
  using cache = new TemporaryFolder();
  await using mirror = new Mirror(() => (response, packed) => response.write(packed.subarray(0, 100)));
  const stop = new AbortController();
  const reason = new Error("the user has had enough");
  const loading = download(cache.path, smallEntry([await mirror.open()]), {
    signal: stop.signal,
    onProgress: () => stop.abort(reason),
  });
  await assert.rejects(loading, reason);
  assert.equal(mirror.requests.length, 1);
  assert.deepEqual(filesIn(cache.path), []);
});

test("removes what killed downloads have left, but nothing younger and nothing else", async () => {
  using cache = new TemporaryFolder();
  const folder = join(cache.path, "fashion-mnist");
  mkdirSync(folder);
  const id = "123e4567-e89b-42d3-a456-426614174000";
  const [old, running] = [`.train-images-idx3-ubyte.${id}.part`, `.t10k-images-idx3-ubyte.${id}.part`];
  for (const name of [old, running, "notes.part"]) writeFileSync(join(folder, name), "x");
  for (const name of [old, "notes.part"]) utimesSync(join(folder, name), 1e9, 1e9);
  await using mirror = new Mirror(() => whole);
  await download(cache.path, smallEntry([await mirror.open()]));
  assert.deepEqual(filesIn(cache.path), [running, "notes.part", ...allFour].sort());
});

test("a cache folder that cannot be made is named", async () => {
  using cache = new TemporaryFolder();
  const file = join(cache.path, "file");
  writeFileSync(file, "");
  await assert.rejects(
    download(file, smallEntry(["http://127.0.0.1:1/"])),
    /file\/fashion-mnist: cannot be written: a part of its path is a file, not a folder\. Check the folder's permissions/,
  );
});

test("no space left on the disk stops at once and leaves no half file", async (t) => {
  using cache = new TemporaryFolder();
  const disk = join(cache.path, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", disk], { stdio: "ignore" });
  } catch {
    t.skip("a small disk can only be mounted by root, on Linux");
    return;
  }
  try {
    const images = encodeIdx(randomBytes(784 * 1000), "images", { height: 28, width: 28 });
    const files: Record<FileRole, Uint8Array> = { ...contents, trainImages: images };
    await using mirror = new Mirror(() => whole, files);
    await assert.rejects(download(disk, entryFor(files, [await mirror.open()])), (error: Error) => {
      assert.ok(error instanceof DatasetUnavailableError);
      assert.match(error.message, /no space is left on the disk\. Free some space/);
      return true;
    });
    assert.equal(mirror.requests.length, 1);
    assert.deepEqual(filesIn(disk), []);
  } finally {
    execFileSync("umount", [disk]);
  }
});
