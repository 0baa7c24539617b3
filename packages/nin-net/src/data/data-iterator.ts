import { ShapeError } from "../core/errors.ts";
import { checkStoredImage, type Preprocessing } from "../core/image-spec.ts";
import { type PreprocessingOptions, preprocessingOf } from "../core/preprocessing.ts";
import { Purpose, RandomStream } from "../core/random.ts";
import { type AnySplit, imagesAt, type Labels } from "./dataset.ts";
import { ImageBatch } from "./image-batch.ts";

/** How {@link DataIterator} cuts a split into batches. */
export interface BatchOptions extends PreprocessingOptions {
  /** Images a batch; the last one of an epoch may be shorter. */
  readonly batchSize: number;
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
export class DataIterator<S extends AnySplit = AnySplit>
  implements Iterable<[images: ImageBatch, labels: Labels]>
{
  /** Where the images come from. */
  readonly split: S;
  /** Images a batch; the last one of an epoch may be shorter. */
  readonly batchSize: number;
  /** How the network is to see the images. */
  readonly preprocessing: Preprocessing;
  /** Whether every epoch has a new order. */
  readonly shuffle: boolean;
  /** Decides the orders. */
  readonly seed: number;
  /** Images an epoch. */
  readonly count: number;
  #nextEpoch = 0;

  /** @throws ShapeError if batch size, resize or limit is not a whole number of at least 1, or mean or std do not fit */
  constructor(split: S, { batchSize, shuffle = false, seed = 0, limit, ...options }: BatchOptions) {
    checkStoredImage("DataIterator", split);
    this.split = split;
    this.batchSize = atLeastOne("batch size", batchSize);
    this.preprocessing = preprocessingOf("DataIterator", options, split);
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
  *batches(epoch: number): Generator<[images: ImageBatch, labels: Labels], void, undefined> {
    const { labels } = this.split;
    const order = this.shuffle
      ? new RandomStream(this.seed, Purpose.shuffle, 0, epoch).permutation(this.count)
      : Uint32Array.from({ length: this.count }, (_, i) => i);
    for (let start = 0; start < this.count; start += this.batchSize) {
      const chosen = order.subarray(start, start + this.batchSize);
      const pixels = imagesAt(this.split, chosen);
      const chosenLabels =
        labels instanceof Uint8Array ? new Uint8Array(chosen.length) : new Uint16Array(chosen.length);
      chosen.forEach((from, to) => {
        chosenLabels[to] = labels[from]!;
      });
      yield [new ImageBatch(pixels, this.split, this.preprocessing), chosenLabels];
    }
  }

  /** The batches of the next epoch: the first time epoch 0, then 1, and so on. */
  [Symbol.iterator](): Iterator<[images: ImageBatch, labels: Labels]> {
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
