import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after } from "node:test";
import { gzipSync } from "node:zlib";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { downloadFiles } from "#nin-net/data/download-files.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { contents, entryFor } from "../data/fixtures.js";
import type { Breakage } from "./broken-files.js";
import { CalmRun } from "./calm-run.js";
import type { FaultName, Statement } from "./catalogue.js";
import { tinyRun } from "./child.js";
import { faultTest, type Happens, refusal } from "./fault-test.js";
import { bitsOf, contentsOf } from "./run-bits.js";
import { cannotMount, ScratchFolder, TinyFileSystem } from "./tiny-folder.js";

const calm = await CalmRun.make();
after(() => calm[Symbol.dispose]());

/** No half file is there, and the newest state is whole. */
async function checkWhole(path: string): Promise<void> {
  assert.deepEqual(
    readdirSync(path).filter((name) => name.endsWith(".part") || name.startsWith("run.lock")),
    [],
  );
  await (await RunFolder.open(path)).readCheckpoint();
}

faultTest(
  "diskFull",
  async (happens) => {
    using disk = new TinyFileSystem(56);
    const path = join(disk.path, "run");
    const { status, stderr } = await tinyRun(path, "begin", 2);
    await happens("the run ends with exit status 1", () => assert.equal(status, 1));
    await happens("the last checkpoint is whole, and no half file is left", () => checkWhole(path));
    disk.remount("size=1m");
    await happens("with space again it is resumed to the same bits", () => calm.checkResumed(path, 2));
    return stderr.replace(path, "<run>").replace(/\/\w+\.\w+:/, "/<file>:");
  },
  { skip: cannotMount },
);

const breakages = {
  diskFullAtCheckpoint: {
    file: "checkpoint.safetensors.part",
    operation: "write",
    call: 4,
    effect: "ENOSPC",
  },
  diskFailsAtCheckpoint: { file: "checkpoint.safetensors.part", operation: "sync", call: 4, effect: "EIO" },
  // Of config.json the first, then of each checkpoint.
  diskFailsAtFolder: { file: "diskFailsAtFolder", operation: "sync", call: 4, effect: "EIO" },
  diskFailsAtRename: { file: "checkpoint.safetensors.part", operation: "rename", call: 4, effect: "EIO" },
  diskFailsAtEvent: { file: "events.jsonl", operation: "write", call: 9, effect: "EIO" },
} as const satisfies Partial<Record<FaultName, Breakage>>;

for (const [name, breakage] of Object.entries(breakages)) {
  faultTest(name as keyof typeof breakages, async (happens) => {
    const path = calm.folder(name);
    const { status, stderr } = await tinyRun(path, "begin", 2, { breakage });
    await happens("the run ends with exit status 1", () => assert.equal(status, 1));
    await happens("the last checkpoint is whole, and no half file is left", () => checkWhole(path));
    await happens("resumed, it comes to the same bits", () => calm.checkResumed(path, 3));
    return stderr.replace(path, "<run>");
  });
}

faultTest(
  "foldersNotFlushed",
  async (happens) => {
    const cases = [
      { file: "EINVAL", operation: "sync", call: "every", effect: "EINVAL" },
      { file: "ENOTSUP", operation: "sync", call: "every", effect: "ENOTSUP" },
      { file: "EPERM", operation: "sync", call: "every", effect: "EPERM" },
      { file: "opening", operation: "open", call: "every", effect: "EPERM" },
      { file: "checkpoint.safetensors.part", operation: "sync", call: "every", effect: "EINVAL" },
    ] as const satisfies Breakage[];
    for (const breakage of cases) {
      const path = calm.folder(breakage.file);
      const { status, stderr } = await tinyRun(path, "begin", 2, { breakage });
      await happens("the run goes on to its end", () => assert.deepEqual([status, stderr], [0, ""]));
      await happens("it comes to the same bits", async () => assert.deepEqual(await bitsOf(path), calm.bits));
    }
    return undefined;
  },
  { timeout: 240_000 },
);

faultTest(
  "readOnly",
  async (happens) => {
    using disk = new TinyFileSystem(1024);
    const path = join(disk.path, "run");
    assert.equal((await tinyRun(path, "begin", 2, { killAfter: 0 })).status, null);
    const begun = join(disk.path, "empty");
    mkdirSync(begun);
    disk.remount("ro");
    const before = contentsOf(path);
    const { status, stderr } = await tinyRun(path, "resume", 2);
    const other = await tinyRun(begun, "begin", 2);
    await happens("refused with exit status 1", () => {
      assert.deepEqual([status, other.status], [1, 1]);
      assert.equal(other.stderr.replace(begun, ""), stderr.replace(path, ""));
    });
    await happens("nothing is changed", () => {
      assert.deepEqual(contentsOf(path), before);
      assert.deepEqual(readdirSync(begun), []);
    });
    return stderr.replace(path, "<run>");
  },
  { skip: cannotMount },
);

/** Downloads a data set of 20 images, for whose files there are two addresses. */
async function download(
  happens: Happens<Statement<"diskFullAtDownload" | "diskFailsAtDownload">>,
  folder: string,
  preloaded: () => Promise<void> = async () => {},
): Promise<string> {
  // Noise, which does not pack.
  const noise = encodeIdx(randomBytes(784 * 20), "images", { height: 28, width: 28 });
  const files = { ...contents, trainImages: noise };
  const requests: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    requests.push(url);
    response.end(gzipSync(url.includes("images") ? noise : contents.trainLabels));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const { port } = server.address() as AddressInfo;
    const mirrors = ["a", "b"].map((name) => `http://127.0.0.1:${port}/${name}/`);
    await preloaded();
    const definition = entryFor(files, mirrors);
    const request = { definition, folder, files: definition.files.train.slice(0, 1) };
    let message = "";
    await happens("refused", async () => {
      message = await refusal(downloadFiles(request));
    });
    await happens("no other address is tried", () => assert.equal(requests.length, 1));
    await happens("no half file is left", () => assert.deepEqual(readdirSync(folder), []));
    return message.replace(/^[^:]+:/, "<file>:");
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

faultTest(
  "diskFullAtDownload",
  async (happens) => {
    using disk = new TinyFileSystem(8);
    return await download(happens, disk.path);
  },
  { skip: cannotMount },
);

faultTest("diskFailsAtDownload", async (happens, t) => {
  using folder = new ScratchFolder();
  return await download(happens, folder.path, async () => {
    const files = await import("node:fs/promises");
    using probe = new ScratchFolder();
    const handle = await files.open(join(probe.path, "probe"), "w");
    await handle.close();
    const error = Object.assign(new Error("EIO: i/o error, fsync"), {
      code: "EIO",
      errno: -5,
      syscall: "fsync",
    });
    t.mock.method(Object.getPrototypeOf(handle), "sync", () => Promise.reject(error));
  });
});
