/** What a data set is, wherever it came from. */
import { ShapeError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";

/** The class of each image; with more than 256 classes a byte does not hold them. */
export type Labels = Uint8Array | Uint16Array;

/** What is known of one half of a data set wherever its images lie. */
interface LabelledSplit extends Pick<ImageSpec, "channels" | "height" | "width"> {
  /** The class of each image, in the order of the images. */
  readonly labels: Labels;
  /** Number of images. */
  readonly count: number;
  /** What people call each image, such as its file; left out: images have no names. */
  readonly names?: readonly string[] | undefined;
}

/** One half of a data set, as stored: in memory. */
export interface Split extends LabelledSplit {
  /** count * height * width * channels bytes: image after image, row after row, the channels of a pixel together. */
  readonly images: Uint8Array;
}

/** One half of a data set whose images are read when they are needed: a file may hold more than the memory. */
export interface StreamedSplit extends LabelledSplit {
  /**
   * Reads images, in any order, for one batch at a time.
   *
   * @param indices - which images, from 0
   * @returns an array of the caller's own: as {@link Split.images}, one image for each index, in that order
   */
  readonly read: (indices: Uint32Array) => Uint8Array;
}

/** One half of a data set, wherever its images lie. */
export type AnySplit = Split | StreamedSplit;

/** Labelled images of one size, to train on and to test on. */
export interface Dataset<S extends AnySplit = Split> {
  /** The name in the registry, or one of the caller's own. */
  readonly name: string;
  /** For people, e.g. `Fashion-MNIST`. */
  readonly title: string;
  /** What the images are, and how many classes they belong to. */
  readonly image: ImageSpec;
  /** The names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  /** The images to train on. */
  readonly train: S;
  /** The images to test on. */
  readonly test: S;
  /** Of each channel of the training images, in units of 0..1; null: not known. */
  readonly mean: readonly number[] | null;
  /** As {@link Dataset.mean}. */
  readonly std: readonly number[] | null;
  /** True if the images were generated: label every result with it. */
  readonly synthetic: boolean;
  /** The folder the files were read from, or what made them. */
  readonly source: string;
  /** SHA-256, in hex, over the contents. */
  readonly checksum: string;
}

/**
 * The bytes of one image of a split, height * width * channels; of a split in memory a view.
 *
 * @throws ShapeError as {@link imagesAt}
 */
export function imageAt(split: AnySplit, index: number): Uint8Array {
  if ("read" in split) return imagesAt(split, Uint32Array.of(index));
  const size = split.height * split.width * split.channels;
  return split.images.subarray(index * size, (index + 1) * size);
}

/**
 * The bytes of some images of a split, one after the other, in an array of their own.
 *
 * @throws ShapeError if what reads the images gives fewer or more bytes than they have
 */
export function imagesAt(split: AnySplit, indices: Uint32Array): Uint8Array {
  const { channels, height, width } = split;
  const size = height * width * channels;
  if ("read" in split) {
    const pixels = split.read(indices);
    if (pixels.length === indices.length * size) return pixels;
    throw new ShapeError("read of a split", {
      got: `${pixels.length} bytes for ${indices.length} images`,
      want: `${size} for each, ${height} x ${width} pixels of ${channels} bytes`,
      fix: "Return the images of all indices, whole.",
    });
  }
  const pixels = new Uint8Array(indices.length * size);
  indices.forEach((from, to) => {
    pixels.set(split.images.subarray(from * size, (from + 1) * size), to * size);
  });
  return pixels;
}
