import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "#nin-net/core/errors.js";
import { encodeIdx, parseIdx, parseSplit } from "#nin-net/data/formats/idx.js";

const oneImage = Uint8Array.from({ length: 784 }, (_, i) => i % 256);

const expected = { height: 28, width: 28, classes: 10 };

test("writes the header of the format's definition", () => {
  const images = encodeIdx(oneImage, "images", { height: 28, width: 28 });
  assert.deepEqual([...images.subarray(0, 18)], [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28, 0, 1]);
  assert.deepEqual([...encodeIdx(Uint8Array.of(7, 9), "labels")], [0, 0, 8, 1, 0, 0, 0, 2, 7, 9]);
});

test("reads back what it writes, from any offset in a buffer", () => {
  const file = encodeIdx(oneImage, "images", { height: 28, width: 28 });
  const shifted = new Uint8Array(file.length + 3);
  shifted.set(file, 3);
  assert.deepEqual(parseIdx(shifted.subarray(3), "images", "a").items, oneImage);
});

test("each kind of damage has its own message", () => {
  const images = encodeIdx(oneImage, "images", { height: 28, width: 28 });
  const labels = encodeIdx(Uint8Array.of(7), "labels");
  const refuse = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => parseIdx(bytes, "images", "f", expected),
      (e) => e instanceof DataError && message.test(e.message),
    );
  refuse(
    images.subarray(0, 9),
    /^f: got 9 bytes, expected an idx header of 16 bytes\. The file is cut short/,
  );
  refuse(
    new Uint8Array([...labels, ...images]),
    /^f: got magic number 0x00000801, expected 0x00000803 for idx images/,
  );
  refuse(images.subarray(0, 500), /^f: got 500 bytes, expected 800 for the 1 images of its header/);
  refuse(Uint8Array.of(...images, 0), /^f: got 801 bytes, expected 800/);
  refuse(images.with(7, 0), /^f: got 0 images in the header, expected 1 to 1000000/);
  refuse(images.with(4, 255), /^f: got 4278190081 images in the header, expected 1 to 1000000/);
  refuse(images.with(11, 32), /^f: got images of 32 x 28 pixels, expected 28 x 28/);
});

test("images and labels must belong together", () => {
  const images = { where: "i", bytes: encodeIdx(oneImage, "images", { height: 28, width: 28 }) };
  const labelled = (...labels: number[]) => ({
    where: "l",
    bytes: encodeIdx(Uint8Array.from(labels), "labels"),
  });
  assert.deepEqual([...parseSplit(images, labelled(9), expected).labels], [9]);
  assert.throws(
    () => parseSplit(images, labelled(1, 2), expected),
    /^DataError: l: got 2 labels, expected 1, one for each image of i\. Put files there that belong together\.$/,
  );
  assert.throws(
    () => parseSplit(images, labelled(10), expected),
    /^DataError: l: got label 10 for image 0, expected 0 to 9\. /,
  );
});

test("takes the size of images from the file unless one is expected, and labels up to 255", () => {
  const images = {
    where: "i",
    bytes: encodeIdx(Uint8Array.of(1, 2, 3, 4, 5, 6), "images", { height: 1, width: 3 }),
  };
  const labels = { where: "l", bytes: encodeIdx(Uint8Array.of(0, 255), "labels") };
  const { count, channels, height, width } = parseSplit(images, labels);
  assert.deepEqual({ count, channels, height, width }, { count: 2, channels: 1, height: 1, width: 3 });
  const wide = { where: "i", bytes: images.bytes.with(14, 255) };
  assert.throws(
    () => parseSplit(wide, labels),
    /^DataError: i: got images of 1 x 65283 pixels in the header, expected 1 to 4096/,
  );
});

test("EMNIST's layout: images stored column after column, labels from 1", () => {
  // 2 rows of 3 pixels in the file: an image of 3 rows and 2 columns.
  const stored = Uint8Array.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16);
  const images = { where: "i", bytes: encodeIdx(stored, "images", { height: 2, width: 3 }) };
  const labels = (...values: number[]) => ({
    where: "l",
    bytes: encodeIdx(Uint8Array.from(values), "labels"),
  });
  const size = { height: 3, width: 2, classes: 26 };
  const layout = { transposed: true, firstLabel: 1 };
  const split = parseSplit(images, labels(1, 26), size, layout);
  assert.deepEqual([...split.images], [1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16]);
  assert.deepEqual([split.height, split.width, [...split.labels]], [3, 2, [0, 25]]);
  for (const wrong of [0, 27]) {
    assert.throws(
      () => parseSplit(images, labels(1, wrong), size, layout),
      new RegExp(`^DataError: l: got label ${wrong} for image 1, expected 1 to 26\\. `),
    );
  }
  assert.throws(
    () => parseSplit(images, labels(1, 2), { height: 2, width: 3 }, layout),
    /^DataError: i: got images of 2 x 3 pixels, expected 3 x 2/,
  );
});

/** QMNIST's label file: rows of 32-bit numbers, the highest byte first. */
function extendedLabels(rows: readonly (readonly number[])[], columns = rows[0]!.length): Uint8Array {
  const bytes = Buffer.alloc(12 + 4 * rows.length * rows[0]!.length);
  bytes.writeUInt32BE(0x0c02, 0);
  bytes.writeUInt32BE(rows.length, 4);
  bytes.writeUInt32BE(columns, 8);
  rows.flat().forEach((value, i) => {
    bytes.writeInt32BE(value, 12 + 4 * i);
  });
  return new Uint8Array(bytes);
}

test("QMNIST's layout: of each row of 32-bit numbers the first is the class", () => {
  const images = {
    where: "i",
    bytes: encodeIdx(Uint8Array.of(1, 2), "images", { height: 1, width: 1 }),
  };
  const layout = { extendedLabels: true };
  const split = (bytes: Uint8Array) => parseSplit(images, { where: "l", bytes }, { classes: 10 }, layout);
  const [five, four] = [
    [5, 4, 2500, 149, 35, 281_769, 0, 0],
    [4, 0, 610, 0, 34, 70_000, 0, 0],
  ];
  assert.deepEqual([...split(extendedLabels([five!, four!])).labels], [5, 4]);
  assert.throws(
    () => split(extendedLabels([five!, [260, 0, 0, 0, 0, 0, 0, 0]])),
    /^DataError: l: got label 260 for image 1, expected 0 to 9/,
  );
  assert.throws(
    () => split(extendedLabels([five!, [-1, 0, 0, 0, 0, 0, 0, 0]])),
    /^DataError: l: got label -1 for image 1, expected 0 to 9/,
  );
  assert.throws(
    () => split(extendedLabels([five!, four!]).subarray(0, 75)),
    /^DataError: l: got 75 bytes, expected 76 for the 2 extended labels of its header/,
  );
  assert.throws(
    () => split(extendedLabels([five!, four!], 9000)),
    /^DataError: l: got rows of 9000 numbers in the header, expected 1 to 64/,
  );
  assert.throws(
    () => split(encodeIdx(Uint8Array.of(5, 4), "labels")),
    /^DataError: l: got 10 bytes, expected an idx header of 12 bytes/,
  );
});
