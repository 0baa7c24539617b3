import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeFolders } from "#nin-net/data/make-folders.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nin-folders-"));
});
after(() => rm(folder, { recursive: true }));

test("folders are made, with those above, by several at once, and again", async () => {
  const path = join(folder, "a", "b", "c");
  await Promise.all([makeFolders(path), makeFolders(path), makeFolders(join(folder, "a", "d"))]);
  await makeFolders(path);
  assert.ok((await stat(path)).isDirectory());
  assert.ok((await stat(join(folder, "a", "d"))).isDirectory());
});

test("a file in the way is the system's error", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await assert.rejects(makeFolders(file), { code: "EEXIST" });
  await assert.rejects(makeFolders(join(file, "below")), { code: "ENOTDIR" });
});

const hasProc = process.platform === "linux";
test("a file system that takes no new folders is an error, not an endless loop", {
  skip: hasProc ? false : "there is no /proc here",
  timeout: 10_000,
}, async () => {
  await assert.rejects(makeFolders("/proc/nin-net/run"), { code: "ENOENT" });
});
