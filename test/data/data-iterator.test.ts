import assert from "node:assert/strict";
import { test } from "node:test";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { imageAt, type Labels, type Split, type StreamedSplit } from "#nin-net/data/dataset.js";

/** Image i is all i, of class i % 10. */
const split: Split = {
  images: Uint8Array.from({ length: 10 * 784 }, (_, i) => Math.floor(i / 784)),
  labels: Uint8Array.from({ length: 10 }, (_, i) => (i * 3) % 10),
  count: 10,
  channels: 1,
  height: 28,
  width: 28,
};

/** Which images an epoch shows, batch by batch; checks that image and label stay together. */
function shown(batches: Iterable<[{ pixels: Uint8Array }, Labels]>): number[][] {
  return Array.from(batches, ([{ pixels }, labels]) => {
    assert.equal(pixels.length, labels.length * 784);
    return Array.from(labels, (label, i) => {
      const image = pixels[i * 784]!;
      assert.ok(pixels.subarray(i * 784, (i + 1) * 784).every((level) => level === image));
      assert.equal(label, split.labels[image]);
      return image;
    });
  });
}

test("cuts in order and keeps the short last batch", () => {
  const batches = new DataIterator(split, { batchSize: 4 });
  assert.equal(batches.batchCount, 3);
  assert.deepEqual(shown(batches), [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
});

test("shuffles by seed and epoch, every image once", () => {
  const iterator = new DataIterator(split, { batchSize: 4, shuffle: true, seed: 5 });
  const order = (epoch: number) => [...new RandomStream(5, Purpose.shuffle, 0, epoch).permutation(10)];
  assert.deepEqual(shown(iterator.batches(2)).flat(), order(2));
  assert.deepEqual(shown(iterator).flat(), order(0));
  assert.deepEqual(shown(iterator).flat(), order(1));
  assert.notDeepEqual(order(0), order(1));
});

test("limit takes the first images only, at most all", () => {
  const limited = new DataIterator(split, { batchSize: 2, shuffle: true, limit: 3 });
  assert.deepEqual(shown(limited).flat().sort(), [0, 1, 2]);
  assert.equal(limited.batchCount, 2);
  assert.equal(new DataIterator(split, { batchSize: 2, limit: 99 }).count, 10);
  assert.equal(new DataIterator(split, { batchSize: 2, limit: null }).count, 10);
});

test("a batch is a tensor in PyTorch's order, resized and in 0..1", () => {
  const [first] = new DataIterator(split, { batchSize: 3, resize: 56 }).batches(0);
  assert.ok(first);
  const [images] = first;
  assert.deepEqual(images.shape, [3, 1, 56, 56]);
  assert.equal(images.data.length, 3 * 56 * 56);
  assert.equal(images.data.at(-1), Math.fround(2 / 255));
  assert.equal(images.data, images.data, "made once");
});

test("a batch does not share memory with the data set", () => {
  const own = { ...split, images: split.images.slice() };
  for (const [images] of new DataIterator(own, { batchSize: 5 })) images.pixels.fill(255);
  assert.deepEqual(own.images, split.images);
});

test("refuses sizes that are not whole numbers of at least 1", () => {
  assert.throws(
    () => new DataIterator(split, { batchSize: 0 }),
    /^ShapeError: DataIterator: got batch size 0, expected a whole number of at least 1\. Give a batch size of 1 or more\.$/,
  );
  assert.throws(
    () => new DataIterator(split, { batchSize: 4, resize: 1.5 }),
    /got resize 1\.5, expected a whole/,
  );
  assert.throws(() => new DataIterator(split, { batchSize: 4, limit: -1 }), /got limit -1, expected a whole/);
});

/** The same images, read one batch at a time; keeps which ones were asked for. */
function streamed(): { readonly split: StreamedSplit; readonly asked: number[][] } {
  const { images, ...rest } = split;
  const asked: number[][] = [];
  const read = (indices: Uint32Array) => {
    asked.push([...indices]);
    return Uint8Array.from([...indices].flatMap((i) => [...images.subarray(i * 784, (i + 1) * 784)]));
  };
  return { split: { ...rest, read }, asked };
}

test("images that are read batch by batch give the batches of those in memory", () => {
  const { split: file, asked } = streamed();
  const options = { batchSize: 4, shuffle: true, seed: 5, limit: 9 };
  const order = shown(new DataIterator(split, options).batches(1));
  assert.deepEqual(shown(new DataIterator(file, options).batches(1)), order);
  assert.deepEqual(asked, order, "one call a batch");
  assert.deepEqual(imageAt(file, 7), imageAt(split, 7));
});

test("a batch is read when it is asked for, not before", () => {
  const { split: file, asked } = streamed();
  const batches = new DataIterator(file, { batchSize: 4 }).batches(0);
  batches.next();
  assert.equal(asked.length, 1);
});

test("a reader that gives too few bytes is refused", () => {
  const file: StreamedSplit = { ...streamed().split, read: () => new Uint8Array(784) };
  assert.throws(
    () => [...new DataIterator(file, { batchSize: 4 })],
    /^ShapeError: read of a split: got 784 bytes for 4 images, expected 784 for each, 28 x 28 pixels of 1 bytes\. Return/,
  );
});
