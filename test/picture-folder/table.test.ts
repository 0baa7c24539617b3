import assert from "node:assert/strict";
import { test } from "node:test";
import type { PictureTree, TreeFile } from "#nin-cli/picture-folder/picture-tree.js";
import { layoutOfTable, tableIn } from "#nin-cli/picture-folder/table.js";

const file = (name: string): TreeFile => ({ name, bytes: 1, stamp: 0 });

/** A tree in which these files are found. */
function treeOf(names: readonly string[]): PictureTree {
  return {
    path: "p",
    find: async (name: string) => (names.includes(name) ? file(name) : undefined),
  } as unknown as PictureTree;
}

const pictures = ["a.png", "b.png", "c, d.png", 'e".png', "sub/f.png"];

async function read(text: string, within = ""): Promise<string[]> {
  const tree = treeOf(pictures.map((name) => within + name));
  const { files } = await layoutOfTable(tree, text, { within, where: "t.csv" });
  return files.map(({ name, className, half = "?" }) => `${half} ${className} ${name}`);
}

const refusal = (text: string) =>
  read(text).then(
    () => assert.fail("it was taken"),
    ({ name, message }: Error) => `${name}: ${message}`,
  );

test("file and label, with a header or none; commas, semicolons or tabs; quotes as in RFC 4180", async () => {
  const want = ["? x a.png", "? y c, d.png", '? x e".png'];
  for (const text of [
    'a.png,x\n"c, d.png",y\n"e"".png",x\n',
    'a.png;x\r\nc, d.png;y\r\n"e"".png";x\r\n',
    '\ufefffile\tlabel\na.png\tx\nc, d.png\ty\n\n"e"".png"\tx',
    'id,Label,extra,Path\n1,x,,a.png\n2,y,,"c, d.png"\n3,x,,"e"".png"\n',
  ]) {
    assert.deepEqual(await read(text), want, text);
  }
});

test("a column split says what is trained and tested on", async () => {
  assert.deepEqual(await read("file,label,split\na.png,x,train\nb.png,x,test\nsub/f.png,y,Training\n"), [
    "train x a.png",
    "test x b.png",
    "train y sub/f.png",
  ]);
  assert.deepEqual(await read("file,label,split\na.png,x,train\nb.png,x,valid\n"), [
    "train x a.png",
    "test x b.png",
  ]);
  assert.deepEqual(await read("file,label,split\na.png,x,train\nb.png,x,val\nsub/f.png,x,test\n"), [
    "train x a.png",
    "test x sub/f.png",
  ]);
  assert.match(
    await refusal("file,label,split\na.png,x,maybe\n"),
    /line 2: got "maybe", expected train or test\./,
  );
});

test("names are looked for from the table's own folder; labels are one however accents are written", async () => {
  assert.deepEqual(await read("a.png,cafe\u0301\nb.png,caf\u00e9\n", "set/"), [
    "? caf\u00e9 set/a.png",
    "? caf\u00e9 set/b.png",
  ]);
});

test("what is wrong is said with its line", async () => {
  const start = "DataError: t.csv";
  assert.equal(
    await refusal("file,label\na.png,x\nnone.png,x\ngone.png,x\n"),
    `${start}, line 3: there is no file none.png, expected the path of a picture from the table's own folder. ` +
      "Correct the name, or take the line away. This is one of 2 such lines.",
  );
  assert.match(
    await refusal("img,what\na.png,x\n"),
    /^DataError: t\.csv, line 1: .*name its columns file and label\.$/,
  );
  assert.equal(
    await refusal("a.png,x\nb.png\n"),
    `${start}, line 2: has no label, expected the file of a picture and its label. Fill it in, or take the line away.`,
  );
  assert.equal(
    await refusal("a.png,x\nb.png,x\na.png,y\n"),
    `${start}, line 3: gives a.png the label "y", but line 1 gives it "x". Take one of them away.`,
  );
  assert.equal(
    await refusal("file,label,split\na.png,x,train\na.png,x,test\n"),
    `${start}, line 3: gives a.png the split "test", but line 2 gives it "train". Take one of them away.`,
  );
  assert.equal(
    await refusal("file,label,split\na.png,x\na.png,x,test\n"),
    `${start}, line 3: gives a.png the split "test", but line 2 gives it none. Take one of them away.`,
  );
  assert.match(
    await refusal('file,label\n"a"b,c\n'),
    /^DataError: t\.csv: cannot be read as CSV \(.*line 2\)\./,
  );
  assert.match(await refusal(""), /^DataError: t\.csv: is empty, expected a line for each picture/);
});

test("a picture that is listed twice counts once", async () => {
  assert.deepEqual(await read("a.png,x\na.png,x\n"), ["? x a.png"]);
});

test("a table counts where there are no folders of classes beside it", () => {
  const found = (names: readonly string[], folders: readonly string[]) => tableIn(names.map(file), folders);
  assert.deepEqual(found(["labels.csv", "images/1.png"], ["images"]), { name: "labels.csv", within: "" });
  assert.deepEqual(found(["set/l.tsv", "set/images/1.png"], ["set", "set/images"]), {
    name: "set/l.tsv",
    within: "set/",
  });
  assert.equal(found(["notes.csv", "a/1.png", "b/1.png"], ["a", "b"]), undefined);
  assert.equal(found(["one.csv", "two.csv"], []), undefined);
});
