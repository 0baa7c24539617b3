import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCase } from "#nin-cli/picture-folder/class-checks.js";
import type { Layout } from "#nin-cli/picture-folder/layout.js";
import type { PictureTree } from "#nin-cli/picture-folder/picture-tree.js";

/** A tree on a file system that does, or does not, tell large from small letters. */
function treeOn(tellsCase: boolean): { readonly tree: PictureTree; readonly asked: string[][] } {
  const asked: string[][] = [];
  const isSameFolder = async (one: string, other: string) => {
    asked.push([one, other]);
    return !tellsCase && one.toLowerCase() === other.toLowerCase();
  };
  return { tree: { isSameFolder } as unknown as PictureTree, asked };
}

const layout = (files: readonly (readonly [name: string, className: string])[]): Layout => ({
  classes: [],
  notes: [],
  files: files.map(([name, className]) => ({ name, className, half: undefined, bytes: 1, stamp: 1 })),
});

test("classes that differ only in case are refused where folders of such names are one", async () => {
  const both = layout([
    ["train/Cat/a/1.png", "Cat"],
    ["train/dog/1.png", "dog"],
    ["test/cat/2.png", "cat"],
  ]);
  const { tree, asked } = treeOn(false);
  await assert.rejects(checkCase("photos", both, tree), {
    name: "DataError",
    message:
      'photos: the names of the classes "Cat" and "cat" differ only in large and small letters, which its file system ' +
      "does not tell apart. Write them alike.",
  });
  assert.deepEqual(asked, [["train/Cat", "train/cat"]]);
  await checkCase("photos", both, treeOn(true).tree);
});

test("labels of a table are no folders: large and small letters are two classes", async () => {
  const labels = layout([
    ["images/1.png", "a"],
    ["images/2.png", "A"],
  ]);
  await checkCase("photos", labels, treeOn(false).tree);
});
