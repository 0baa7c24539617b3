import assert from "node:assert/strict";
import { test } from "node:test";
import { byCodePoint, type LabelledFile, layoutOf } from "#nin-cli/picture-folder/layout.js";
import type { TreeContents } from "#nin-cli/picture-folder/picture-tree.js";

/** A tree of these files and of the folders above them, and of some empty folders. */
function tree(files: readonly string[], empty: readonly string[] = []): TreeContents {
  const folders = new Set(empty);
  for (const name of files) {
    for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1))
      folders.add(name.slice(0, end));
  }
  return {
    files: files.map((name) => ({ name, bytes: 1, stamp: 0 })),
    folders: [...folders],
    broken: [],
  };
}

const shown = (files: readonly LabelledFile[]) =>
  files.map(({ name, className, half = "?" }) => `${half} ${className} ${name}`);

test("one folder a class, with folders of its own", () => {
  const { classes, files, notes } = layoutOf("p", tree(["dog/1.png", "cat/1.png", "cat/indoors/2.png"]));
  assert.deepEqual(classes, ["cat", "dog"]);
  assert.deepEqual(shown(files), ["? dog dog/1.png", "? cat cat/1.png", "? cat cat/indoors/2.png"]);
  assert.deepEqual(notes, []);
});

test("train and test, or val where there is no test", () => {
  for (const [train, test] of [
    ["train", "test"],
    ["Training", "valid"],
    ["train", "val"],
  ] as const) {
    const { classes, files } = layoutOf(
      "p",
      tree([`${train}/b/1.png`, `${train}/a/1.png`, `${test}/a/2.png`]),
    );
    assert.deepEqual(classes, ["a", "b"]);
    assert.deepEqual(shown(files), [
      `train b ${train}/b/1.png`,
      `train a ${train}/a/1.png`,
      `test a ${test}/a/2.png`,
    ]);
  }
});

test("with test beside val, what is in val is left out and named", () => {
  const { files, notes } = layoutOf(
    "p",
    tree(["train/a/1.png", "train/b/1.png", "val/a/2.png", "val/b/2.png", "test/a/3.png"]),
  );
  assert.equal(files.length, 3);
  assert.deepEqual(notes, [
    "p: 2 files lie outside the folders of the classes and are left out, as val/a/2.png.",
  ]);
});

test("a folder around all classes counts as the root, train alone too", () => {
  const wrapped = layoutOf("p.zip", tree(["photos/a/1.png", "photos/b/1.png"]));
  assert.deepEqual(wrapped.classes, ["a", "b"]);
  assert.deepEqual(wrapped.notes, ["p.zip/photos holds the folders of the classes."]);
  const train = layoutOf("p", tree(["train/a/1.png", "train/b/1.png"]));
  assert.deepEqual(shown(train.files), ["? a train/a/1.png", "? b train/b/1.png"]);
  assert.match(train.notes[0]!, /^p\/train has no folder to test on beside it/);
});

test("a folder without pictures is a class all the same, for the check to name", () => {
  assert.deepEqual(layoutOf("p", tree(["a/1.png"], ["b"])).classes, ["a", "b"]);
});

test("accents are one, however a system writes them", () => {
  const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"];
  const { classes, files } = layoutOf("p", tree([`${composed}/1.png`, `${decomposed}/2.png`, "tea/1.png"]));
  assert.deepEqual(classes, [composed, "tea"]);
  assert.equal(files.filter(({ className }) => className === composed).length, 2);
});

test("classes are in the order of their code points, in any script", () => {
  const names = ["\u{1f600}", "\uff5e", "猫", "кот", "b", "B", "a", "éa", "ab"];
  assert.deepEqual(names.toSorted(byCodePoint), [
    "B",
    "a",
    "ab",
    "b",
    "éa",
    "кот",
    "猫",
    "\uff5e",
    "\u{1f600}",
  ]);
});

test("a place without folders is refused", () => {
  assert.throws(() => layoutOf("p", tree([])), {
    message:
      "p: is empty, expected a folder for each class with its pictures in it. Put them there, or name a CSV file " +
      "that tells the class of each picture.",
  });
  assert.throws(
    () => layoutOf("p", tree(["1.png", "2.png"])),
    /^DataError: p: has no folders, only files such as 1\.png, expected a folder for each class/,
  );
});
