/** What a data set is, wherever it came from. */
import type { ImageSpec } from "../core/image-spec.ts";

/** The class of each image; with more than 256 classes a byte does not hold them. */
export type Labels = Uint8Array | Uint16Array;

/** One half of a data set, as stored. */
export interface Split extends Pick<ImageSpec, "channels" | "height" | "width"> {
  /** count * height * width * channels bytes: image after image, row after row, the channels of a pixel together. */
  readonly images: Uint8Array;
  readonly labels: Labels;
  readonly count: number;
}

/** Labelled images of one size, to train on and to test on. */
export interface Dataset {
  /** The name in the registry, or one of the caller's own. */
  readonly name: string;
  /** For people, e.g. `Fashion-MNIST`. */
  readonly title: string;
  readonly image: ImageSpec;
  /** The names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  readonly train: Split;
  readonly test: Split;
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

/** The bytes of one image of a split, height * width * channels. */
export function imageAt({ images, channels, height, width }: Split, index: number): Uint8Array {
  const size = height * width * channels;
  return images.subarray(index * size, (index + 1) * size);
}
