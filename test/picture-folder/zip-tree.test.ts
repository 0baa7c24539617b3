import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Zippable, zipSync } from "fflate";
import type { PictureTree } from "#nin-cli/picture-folder/picture-tree.js";
import { ZipTree } from "#nin-cli/picture-folder/zip-tree.js";
import { temporaryFolder } from "../cli/run-nin.js";

const text = (words: string) => new TextEncoder().encode(words);

/** A zip of these files, in a file. */
function zipFile(t: TestContext, files: Zippable, damage = (_bytes: Uint8Array): void => {}): string {
  const bytes = zipSync(files);
  damage(bytes);
  const path = join(temporaryFolder(t), "p.zip");
  writeFileSync(path, bytes);
  return path;
}

/** Changes a number of four bytes in the entry of the list at the end of a zip of one file. */
const inList = (offset: number, value: number) => (bytes: Uint8Array) => {
  const at = Buffer.from(bytes).indexOf(Buffer.from("PK\x01\x02"));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + offset, value, true);
};
const crc = 16;
const unpackedSize = 24;
const flags = 8;

async function contentsOf(tree: PictureTree): Promise<Record<string, string>> {
  const { files } = await tree.list();
  const found: Record<string, string> = {};
  for await (const item of tree.contents(files)) {
    if ("message" in item) found[item.name] = item.message;
    else found[item.file.name] = Buffer.from(item.content as Uint8Array).toString();
  }
  return found;
}

const refusal = (path: string) =>
  ZipTree.open(path).then(
    () => assert.fail("it was taken"),
    ({ name, message }: Error) => `${name}: ${message.replaceAll(path, "p.zip")}`,
  );

test("files and folders, packed or stored, without what systems leave behind", async (t) => {
  const path = zipFile(t, {
    "a/1.txt": text("one ".repeat(100)),
    "a/2.txt": [text("two"), { level: 0 }],
    "кот/cafe\u0301.txt": text("three"),
    "empty/": new Uint8Array(),
    "__MACOSX/a/._1.txt": text("x"),
    "a/.DS_Store": text("x"),
  });
  await using tree = await ZipTree.open(path);
  const { files, folders } = await tree.list();
  assert.deepEqual(files.map(({ name }) => name).sort(), ["a/1.txt", "a/2.txt", "кот/caf\u00e9.txt"]);
  assert.deepEqual([...folders].sort(), ["a", "empty", "кот"]);
  assert.deepEqual(await contentsOf(tree), {
    "a/1.txt": "one ".repeat(100),
    "a/2.txt": "two",
    "кот/caf\u00e9.txt": "three",
  });
  assert.equal(await tree.text("a/2.txt"), "two");
  assert.deepEqual((await tree.find(".\\a\\2.txt"))?.bytes, 3);
  assert.equal(await tree.find("a/3.txt"), undefined);
});

test("a content has the same stamp in another archive, and another content another one", async (t) => {
  const stamps = async (words: string) => {
    await using tree = await ZipTree.open(zipFile(t, { "a.txt": text(words) }));
    return (await tree.list()).files[0]!.stamp;
  };
  assert.equal(await stamps("one"), await stamps("one"));
  assert.notEqual(await stamps("one"), await stamps("two"));
});

test("names that lead out of the archive are refused", async (t) => {
  for (const name of ["../x.png", "a/../../x.png", "/etc/x.png", "C:/x.png", "..\\x.png"]) {
    assert.equal(
      await refusal(zipFile(t, { [name]: text("x") })),
      `DataError: p.zip: holds ${JSON.stringify(name.replaceAll("\\", "/"))}, a name that leads out of the archive, ` +
        "expected names within. Take an archive that you trust.",
    );
  }
});

test("what would unpack to far more than pictures do is refused before anything is unpacked", async (t) => {
  const path = zipFile(t, { "a/1.png": text("x".repeat(1000)) }, inList(unpackedSize, 3_000_000_000));
  assert.match(
    await refusal(path),
    /^DataError: p\.zip: its \d+ bytes would become 3,000,000,000, expected pictures/,
  );
});

test("a file of another length or content than the list says is named, and so is an encrypted one", async (t) => {
  const cases: readonly (readonly [(bytes: Uint8Array) => void, RegExp])[] = [
    [inList(unpackedSize, 5), /^cannot be unpacked, expected a whole one\./],
    [inList(unpackedSize, 5000), /^cannot be unpacked/],
    [inList(crc, 1), /^cannot be unpacked/],
    [
      inList(flags, 1 + (8 << 16)),
      /^is encrypted, expected an image\. Make the archive without a password\.$/,
    ],
    [inList(unpackedSize, 256_000_001), /^is larger than 256 MB/],
  ];
  for (const [damage, want] of cases) {
    // Large enough for the last case not to be taken for a bomb.
    const filler = [Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 7919) >> 3), { level: 0 }] as const;
    const path = zipFile(t, { "a.txt": text("one ".repeat(100)), "z.bin": [...filler] }, damage);
    await using tree = await ZipTree.open(path);
    assert.match((await contentsOf(tree))["a.txt"]!, want);
  }
});

test("an archive that is cut short or none at all is refused", async (t) => {
  const path = join(temporaryFolder(t), "p.zip");
  const whole = zipSync({ "a.txt": text("one") });
  for (const bytes of [whole.subarray(0, whole.length - 30), text("no archive"), new Uint8Array()]) {
    writeFileSync(path, bytes);
    assert.match(
      await refusal(path),
      /^DataError: p\.zip: is no zip archive, or cut short, expected one with pictures\./,
    );
  }
});

test("an archive that changes while it is read ends it", async (t) => {
  const path = zipFile(t, { "a.txt": text("one") });
  await using tree = await ZipTree.open(path);
  const { files } = await tree.list();
  await assert.rejects(async () => {
    for await (const _ of tree.contents(files)) appendFileSync(path, "more");
  }, /^DataError: .*p\.zip: was changed or removed while the pictures were read\./);
});
