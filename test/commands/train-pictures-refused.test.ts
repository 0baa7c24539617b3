import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { zipSync } from "fflate";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { cannotMount, TinyFileSystem } from "../faults/tiny-folder.js";
import { drawFolders, drawPicture } from "../picture-folder/drawn-pictures.js";

/** What `nin train` says of such pictures; nothing of a run is written. */
async function said(
  t: TestContext,
  path: string,
  { args = [], cache }: { readonly args?: readonly string[]; readonly cache?: string } = {},
) {
  const folder = temporaryFolder(t);
  const { status, stdout, stderr } = await runNin(
    ["train", "--dataset", path, "--out", join(folder, "run"), ...args],
    { env: { XDG_CACHE_HOME: cache ?? join(folder, "cache") } },
  );
  assert.equal(stdout, "");
  const lines = stderr.split("\n").filter((line) => line.startsWith("error: "));
  assert.equal(lines.length, 1, stderr);
  assert.doesNotMatch(stderr, /^\s+at |--verbose/m);
  return { status, error: lines[0]!.replaceAll(path, "PATH") };
}

test("pictures that nothing can be trained on are refused in one sentence, with exit status 1", async (t) => {
  const folder = temporaryFolder(t);
  const place = (name: string) => join(folder, name);
  mkdirSync(place("empty"));
  await drawPicture(place("one/cat/1.png"), "circle");
  await drawPicture(place("few/cat/1.png"), "circle");
  await drawFolders(place("few"), 2);
  writeFileSync(place("evil.zip"), zipSync({ "../x.png": Uint8Array.of(1), "a/1.png": Uint8Array.of(1) }));
  writeFileSync(place("missing.csv"), "file,label\ncat/1.png,cat\n");
  writeFileSync(place("notes.txt"), "cats");
  const cases = {
    empty: "is empty, expected a folder for each class with its pictures in it",
    nosuch: "no such file or folder, expected a folder with a folder of pictures for each class",
    one: 'holds one class alone, "cat", expected at least 2',
    few: "too few pictures that can be used: cat has 1; expected at least 2 of each class",
    "evil.zip": 'holds "../x.png", a name that leads out of the archive',
    "missing.csv": "line 2: there is no file cat/1.png, expected the path of a picture",
    "notes.txt": "is a file of another kind, expected a folder",
  };
  for (const [name, want] of Object.entries(cases)) {
    const { status, error } = await said(t, place(name));
    assert.ok(error.startsWith("error: PATH") && error.includes(want), error);
    assert.equal(status, 1, error);
  }
});

test("options of pictures need pictures, and a size that the network takes", async (t) => {
  const cases = [
    [
      "mnist",
      ["--grow", "pad"],
      "--grow: got pad for the data set PATH, but only pictures of your own have this option.",
    ],
    [
      "./photos",
      ["--size", "0x3"],
      '--size: got "0x3", expected pixels from 1 to 4096, as 64 or, height first, 48x64.',
    ],
    ["./photos", ["--size", "4"], '--size: got "4", expected 5 or more'],
    ["./photos", ["--test-share", "1"], '--test-share: got "1", expected a number above 0 and below 1.'],
    ["./photos", ["--grow", "fill"], '--grow: got "fill", expected crop, pad or stretch.'],
  ] as const;
  for (const [dataset, args, want] of cases) {
    const { status, error } = await said(t, dataset, { args });
    assert.ok(error.includes(want), error);
    assert.equal(status, 2, error);
  }
});

test("without a place for the cache, the sentence says where else it may be", async (t) => {
  const folder = temporaryFolder(t);
  await drawFolders(join(folder, "photos"), 2);
  writeFileSync(join(folder, "file"), "");
  const { status, error } = await said(t, join(folder, "photos"), { cache: join(folder, "file") });
  assert.match(
    error,
    /^error: .*file\/nin-net\/pictures\/photos-[0-9a-f]{16}: the cache of pictures cannot be written: a part of its path is a file, not a folder\. .* name another cache folder with XDG_CACHE_HOME\.$/,
  );
  assert.equal(status, 1);
});

test("without space for the cache, too", { skip: cannotMount }, async (t) => {
  const folder = temporaryFolder(t);
  await drawFolders(join(folder, "photos"), 4);
  using small = new TinyFileSystem(400);
  const { status, error } = await said(t, join(folder, "photos"), {
    args: ["--size", "224"],
    cache: small.path,
  });
  assert.match(
    error,
    /the cache of pictures cannot be written: no space is left on the disk\. Free some space there, take fewer pixels with --size, or name another cache folder with XDG_CACHE_HOME\.$/,
  );
  assert.equal(status, 1);
});
