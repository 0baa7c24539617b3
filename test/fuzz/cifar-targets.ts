import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCifar } from "#nin-net/data/formats/cifar.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget } from "./fuzz-target.js";

const image = { channels: 3, height: 2, width: 2, classes: 10 };

const record = fc.tuple(fc.nat(9), fc.nat(9), fc.uint8Array({ minLength: 12, maxLength: 12 }));
const anyFile = (labels: number) =>
  fc.oneof(
    fc
      .tuple(fc.array(record, { minLength: 1, maxLength: 4 }), anyDamage)
      .map(([records, damages]) =>
        damaged(
          Uint8Array.from(records.flatMap(([a, b, pixels]) => [...[a, b].slice(0, labels), ...pixels])),
          damages,
        ),
      ),
    fc.uint8Array({ maxLength: 64 }),
  );
const anyFiles = fc
  .integer({ min: 1, max: 2 })
  .chain((labels) =>
    fc.record({ labels: fc.constant(labels), files: fc.array(anyFile(labels), { maxLength: 3 }) }),
  );

/** Every byte of a file becomes a pixel or a label. */
const reading = fc.asyncProperty(anyFiles, async ({ labels, files }) => {
  const named = files.map((bytes) => ({ where: "file", bytes }));
  const result = await answer(() => parseCifar(named, image, { labels, label: labels - 1 }), 65_536);
  if ("refused" in result) return;
  const { images, labels: found, count } = result.read;
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  assert.deepEqual([images.length + labels * count, found.length], [bytes, count]);
  assert.ok(found.every((label) => label < image.classes));
});

export const cifarTargets: readonly FuzzTarget[] = [
  { name: "files of CIFAR's binary version, damaged or made up", cases: 1000, property: reading },
];
