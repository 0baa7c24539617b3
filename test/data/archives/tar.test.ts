import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { tarMembers } from "#nin-net/data/archives/tar.js";
import { knownSetsFolder } from "../known-sets.js";
import { tarOf } from "./tar-of.js";

const list = (bytes: Uint8Array) =>
  [...tarMembers(bytes, "a.tar")].map(({ name, content }) => [name, Buffer.from(content).toString()]);

test("gives the regular files, with their folders, of any length", () => {
  const text = "x".repeat(512);
  const tar = tarOf(
    ["./a/one.bin", "1"],
    ["a", null],
    ["a/two.bin", text],
    ["a/none", ""],
    ["three", `${text}!`],
  );
  assert.deepEqual(list(tar), [
    ["a/one.bin", "1"],
    ["a/two.bin", text],
    ["a/none", ""],
    ["three", `${text}!`],
  ]);
  assert.deepEqual(list(tar.subarray(0, -1024)), list(tar), "without the zeros at the end");
});

test("reads what Python's tarfile writes, in ustar and in pax", () => {
  const namesIn = (file: string) =>
    [...tarMembers(gunzipSync(readFileSync(join(knownSetsFolder, file))), file)].map(({ name }) => name);
  assert.deepEqual(namesIn("cifar-100-binary.tar.gz"), [
    "cifar-100-binary/fine_label_names.txt",
    "cifar-100-binary/train.bin",
    "cifar-100-binary/test.bin",
  ]);
  assert.equal(namesIn("cifar-10-binary.tar.gz").length, 8);
});

test("names that lead out of the archive are refused", () => {
  for (const name of ["../evil", "a/../../evil", "/etc/passwd", "C:\\evil", "a\\..\\evil"]) {
    assert.throws(
      () => list(tarOf(["fine", "1"], [name, "2"])),
      /^DataError: a\.tar: got an archive with the file ".*" in it, expected names without "\.\." and below a folder\. /,
      name,
    );
  }
  assert.deepEqual(list(tarOf(["a..b/..c", "1"])), [["a..b/..c", "1"]]);
});

test("a header of wrong sum, another file and a content cut short are refused", () => {
  const tar = tarOf(["a", "1"], ["b", "2"]);
  assert.throws(() => list(tar.with(1030, 7)), /^DataError: a\.tar: got no header of tar at byte 1024/);
  assert.throws(() => list(Buffer.from("<html>not found</html>")), /got no header of tar at byte 0/);
  assert.throws(
    () => list(tar.subarray(0, 1536)),
    /^DataError: a\.tar: got 1536 bytes of a tar archive, expected 1537 at least\. It is cut short/,
  );
});
