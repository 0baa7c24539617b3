import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { encodeIdx, idxFormat, parseIdx } from "#nin-net/data/formats/idx.js";
import { readDataFile } from "#nin-net/data/formats/read-data-file.js";
import { anyDamage, damaged, joined } from "./damage.js";
import { answer, type FuzzTarget, scratch } from "./fuzz-target.js";

const path = join(scratch, "labels");
/** What unpacking takes whatever the file: buffers of 16 KiB. */
const fixed = 200_000;

const format = idxFormat();
const expected = { place: 1, bytes: 0, image: { channels: 1, height: 28, width: 28, classes: 10 } };

const labels = fc.uint8Array({ minLength: 1, maxLength: 3000, max: 9 });

/** An idx file of labels whose header announces another number than there are. */
const announcing = (count: number, content: Uint8Array): Uint8Array => {
  const bytes = encodeIdx(content, "labels");
  new DataView(bytes.buffer).setUint32(4, count);
  return bytes;
};

/** Files that a careless or an ill-meaning hand packs: correct gzip, wrong content. */
const packed = fc.oneof(
  labels.map((content) => gzipSync(encodeIdx(content, "labels"))),
  fc
    .tuple(fc.oneof(fc.nat(4000), fc.nat(0xffffffff)), labels)
    .map(([count, content]) => gzipSync(announcing(count, content))),
  // A bomb: a megabyte of zeros packs to a thousand bytes.
  fc.nat(3000).map((count) => gzipSync(announcing(count, new Uint8Array(1_000_000)))),
  fc.uint8Array({ maxLength: 60 }).map((content) => gzipSync(content)),
  fc.tuple(labels, labels).map(([a, b]) => joined(gzipSync(encodeIdx(a, "labels")), gzipSync(b))),
  fc
    .tuple(labels, fc.uint8Array({ maxLength: 30 }))
    .map(([a, rest]) => joined(gzipSync(encodeIdx(a, "labels")), rest)),
);
const anyFile = fc.oneof(
  packed,
  fc.tuple(packed, anyDamage).map(([bytes, damages]) => damaged(bytes, damages)),
  fc.uint8Array({ maxLength: 40 }).map((rest) => joined(Uint8Array.of(0x1f, 0x8b, 8), rest)),
);

/** No more is unpacked than the header inside announces. */
const unpacking = fc.asyncProperty(anyFile, async (bytes) => {
  writeFileSync(path, bytes);
  const result = await answer(() => readDataFile(path, format, expected), 4 * bytes.length + fixed);
  if ("refused" in result) return;
  const whole = await answer(() => parseIdx(result.read.bytes, "labels", path), fixed);
  if ("read" in whole) assert.equal(whole.read.items.length + 8, result.read.bytes.length);
});

export const gzipTargets: readonly FuzzTarget[] = [
  { name: "a gzip file, damaged, made up or a bomb", cases: 800, property: unpacking },
];
