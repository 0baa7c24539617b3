import assert from "node:assert/strict";
import fc from "fast-check";
import { zipSync } from "fflate";
import { tarMembers } from "#nin-net/data/archives/tar.js";
import { unzipMembers } from "#nin-net/data/archives/zip.js";
import { tarOf } from "../data/archives/tar-of.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget } from "./fuzz-target.js";

const most = 4096;
/** Tables of the unpacker, and copies of names. */
const fixed = 200_000;

const content = fc.string({ maxLength: 1500 });
const files = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b/c", "b/d", "../e", "f"), content), {
  selector: ([name]) => name,
});
const anyOf = (archive: fc.Arbitrary<Uint8Array>) =>
  fc.oneof(
    archive,
    fc.tuple(archive, anyDamage).map(([bytes, damages]) => damaged(bytes, damages)),
    fc.uint8Array({ maxLength: 1100 }),
  );

const anyTar = anyOf(files.map((list) => tarOf(...list)));
const anyZip = anyOf(
  files.map((list) => zipSync(Object.fromEntries(list.map(([name, text]) => [name, Buffer.from(text)])))),
);

/** Contents are parts of the archive, and no name leads out of it. */
const readingTar = fc.asyncProperty(anyTar, async (bytes) => {
  const result = await answer(() => [...tarMembers(bytes, "file")], fixed);
  if ("refused" in result) return;
  for (const { name, content: part } of result.read) {
    assert.equal(part.buffer, bytes.buffer);
    assert.ok(!name.split("/").includes(".."));
  }
});

const readingZip = fc.asyncProperty(anyZip, async (bytes) => {
  const result = await answer(() => unzipMembers(bytes, "file", () => most), 8 * most + fixed);
  if ("refused" in result) return;
  for (const [name, part] of result.read) {
    assert.ok(part.length <= most && !name.split("/").includes(".."));
  }
});

export const archiveTargets: readonly FuzzTarget[] = [
  { name: "a tar archive, damaged or made up", cases: 1500, property: readingTar },
  { name: "a zip archive of a data set, damaged or made up", cases: 1500, property: readingZip },
];
