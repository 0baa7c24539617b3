import assert from "node:assert/strict";
import { test } from "node:test";
import { zipSync } from "fflate";
import { unzipMembers } from "#nin-net/data/archives/zip.js";

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

test("unpacks what is wanted, stored or compressed", () => {
  const zip = zipSync({
    "a/one": [bytes("1"), { level: 0 }],
    two: [bytes("22222222"), { level: 9 }],
    no: bytes("3"),
  });
  const members = unzipMembers(zip, "a.zip", (name) => (name === "no" ? null : 100));
  assert.deepEqual(
    [...members].map(([name, content]) => [name, Buffer.from(content).toString()]),
    [
      ["a/one", "1"],
      ["two", "22222222"],
    ],
  );
});

test("a wanted file that is longer than it may be is not unpacked; one that is not wanted is", () => {
  const zip = zipSync({ bomb: new Uint8Array(1_000_000), fine: bytes("1") });
  assert.throws(
    () => unzipMembers(zip, "a.zip", () => 1000),
    /^DataError: a\.zip: got 1000000 bytes in bomb, expected 1000 at most\./,
  );
  assert.equal(unzipMembers(zip, "a.zip", (name) => (name === "fine" ? 1 : null)).size, 1);
});

test("names that lead out of the archive are refused, wanted or not", () => {
  for (const name of ["../evil", "a/../../evil", "/etc/passwd"]) {
    assert.throws(
      () => unzipMembers(zipSync({ fine: bytes("1"), [name]: bytes("2") }), "a.zip", () => null),
      /^DataError: a\.zip: got an archive with the file ".*" in it, expected names without "\.\."/,
      name,
    );
  }
});
