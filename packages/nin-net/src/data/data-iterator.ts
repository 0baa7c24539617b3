import { ShapeError } from "../core/errors.ts";
import { Purpose, RandomStream } from "../core/random.ts";
import type { Split } from "./dataset.ts";
import { ImageBatch } from "./image-batch.ts";

/** How {@link DataIterator} cuts a split into batches. */
export interface BatchOptions {
  /** Images a batch; the last one of an epoch may be shorter. */
  readonly batchSize: number;
  /** Pixels on each side that the network is to see; default: 28, as stored. */
  readonly resize?: number | undefined;
  /** A new order in every epoch; default: false. */
  readonly shuffle?: boolean | undefined;
  /** Decides the orders; default: 0. */
  readonly seed?: number | undefined;
  /** Only the first `limit` images of the split; default: all. */
  readonly limit?: number | null | undefined;
}

/**
 * Batches of a split, epoch after epoch. Iterating it goes through the next epoch:
 *
 *     for (const [images, labels] of trainIter) { ... }  // images.shape [128, 1, 224, 224], labels.length 128
 */
export class DataIterator implements Iterable<[images: ImageBatch, labels: Uint8Array]> {
  readonly split: Split;
  readonly batchSize: number;
  readonly resize: number | undefined;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Images an epoch. */
  readonly count: number;
  #nextEpoch = 0;

  /** @throws ShapeError if batch size, resize or limit is not a whole number of at least 1 */
  constructor(split: Split, { batchSize, resize, shuffle = false, seed = 0, limit }: BatchOptions) {
    this.split = split;
    this.batchSize = atLeastOne("batch size", batchSize);
    this.resize = resize === undefined ? undefined : atLeastOne("resize", resize);
    this.shuffle = shuffle;
    this.seed = seed;
    this.count = limit == null ? split.count : Math.min(atLeastOne("limit", limit), split.count);
  }

  /** Batches an epoch. */
  get batchCount(): number {
    return Math.ceil(this.count / this.batchSize);
  }

  /**
   * The batches of one epoch; the same epoch gives the same batches every time.
   *
   * @param epoch - from 0
   */
  *batches(epoch: number): Generator<[images: ImageBatch, labels: Uint8Array], void, undefined> {
    const { images, labels, height, width } = this.split;
    const imageBytes = height * width;
    const order = this.shuffle
      ? new RandomStream(this.seed, Purpose.shuffle, 0, epoch).permutation(this.count)
      : Uint32Array.from({ length: this.count }, (_, i) => i);
    for (let start = 0; start < this.count; start += this.batchSize) {
      const chosen = order.subarray(start, start + this.batchSize);
      const pixels = new Uint8Array(chosen.length * imageBytes);
      chosen.forEach((from, to) => {
        pixels.set(images.subarray(from * imageBytes, (from + 1) * imageBytes), to * imageBytes);
      });
      yield [new ImageBatch(pixels, this.resize), Uint8Array.from(chosen, (from) => labels[from]!)];
    }
  }

  /** The batches of the next epoch: the first time epoch 0, then 1, and so on. */
  [Symbol.iterator](): Iterator<[images: ImageBatch, labels: Uint8Array]> {
    return this.batches(this.#nextEpoch++);
  }
}

function atLeastOne(what: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new ShapeError("DataIterator", {
      got: `${what} ${value}`,
      want: "a whole number of at least 1",
      fix: `Give a ${what} of 1 or more.`,
    });
  }
  return value;
}
