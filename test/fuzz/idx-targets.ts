import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeIdx, type IdxKind, parseIdx, parseSplit } from "#nin-net/data/formats/idx.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget } from "./fuzz-target.js";

const pixels = 28 * 28;
/** A reader that gives views, or turns three small images, needs next to no memory. */
const most = 65_536;

const kinds = fc.constantFrom<IdxKind>("images", "labels", "extendedLabels");
const columns = 3;
const items: Readonly<Record<IdxKind, fc.Arbitrary<Uint8Array>>> = {
  images: fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(255))
    .map(([count, first]) => Uint8Array.from({ length: count * pixels }, (_, i) => first + i)),
  labels: fc.uint8Array({ minLength: 1, maxLength: 40, max: 9 }),
  extendedLabels: fc
    .array(fc.nat(9), { minLength: 1, maxLength: 20 })
    .map((labels) =>
      Uint8Array.from({ length: labels.length * columns * 4 }, (_, i) =>
        i % 12 === 3 ? labels[(i - 3) / 12]! : 0,
      ),
    ),
};
const size = { height: 28, width: 28 };
const encode = (content: Uint8Array, kind: IdxKind, rowLength = columns) => {
  if (kind === "images") return encodeIdx(content, "images", size);
  if (kind === "labels") return encodeIdx(content, "labels");
  const header = [0x0c02, content.length / (4 * rowLength), rowLength];
  const bytes = new Uint8Array(12 + content.length);
  header.forEach((word, i) => {
    new DataView(bytes.buffer).setUint32(4 * i, word);
  });
  bytes.set(content, 12);
  return bytes;
};
const wholeFile = kinds.chain((kind) =>
  items[kind].map((content) => ({ kind, bytes: encode(content, kind) })),
);
const anyFile = fc.oneof(
  fc
    .tuple(wholeFile, anyDamage)
    .map(([{ kind, bytes }, damages]) => ({ kind, bytes: damaged(bytes, damages) })),
  fc.record({ kind: kinds, bytes: fc.uint8Array({ maxLength: 64 }) }),
);

/** What is read from a file is all there is in it. */
const reading = fc.asyncProperty(anyFile, async ({ kind, bytes }) => {
  const result = await answer(() => parseIdx(bytes, kind, "file", size), most);
  if ("refused" in result) return;
  const { items: found, width } = result.read;
  assert.deepEqual(encode(found, kind, width), bytes);
});

const anyLayout = fc.record({
  transposed: fc.boolean(),
  firstLabel: fc.nat(1),
  extendedLabels: fc.boolean(),
});

/** Two files become as many images as labels, each label a class. */
const pairing = fc.asyncProperty(anyFile, anyFile, anyLayout, async (a, b, layout) => {
  const result = await answer(
    () =>
      parseSplit(
        { where: "images", bytes: a.bytes },
        { where: "labels", bytes: b.bytes },
        { ...size, classes: 10 },
        layout,
      ),
    most,
  );
  if ("refused" in result) return;
  const { images, labels, count } = result.read;
  assert.deepEqual([images.length, labels.length], [count * pixels, count]);
  assert.ok(labels.every((label) => label < 10));
});

export const idxTargets: readonly FuzzTarget[] = [
  { name: "an idx file, damaged or made up", cases: 4000, property: reading },
  { name: "an image file and a label file, damaged or made up", cases: 1000, property: pairing },
];
