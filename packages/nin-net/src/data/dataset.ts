/** What a data set is, wherever it came from. */

/** The data sets this package knows. */
export const datasetNames = ["fashion-mnist", "mnist", "drawn"] as const;
export type DatasetName = (typeof datasetNames)[number];

/** Pixels on each side of every image. */
export const imageSize = 28;

/** Classes of every data set. */
export const classCount = 10;

/** One half of a data set, as stored. */
export interface Split {
  /** Grey levels 0..255, count * 28 * 28 bytes, image after image, row after row. */
  readonly images: Uint8Array;
  /** The class of each image, 0..9. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: 28;
  readonly width: 28;
}

/** Ten classes of 28x28 grey images, to train on and to test on. */
export interface Dataset {
  readonly name: DatasetName;
  /** For people, e.g. `Fashion-MNIST`. */
  readonly title: string;
  /** The ten class names; a label is an index into them. */
  readonly classes: readonly string[];
  readonly train: Split;
  readonly test: Split;
  /** The folder the files were read from, or `drawn on the spot`. */
  readonly source: string;
  /** SHA-256, in hex, over the four files' unpacked contents in the catalogue's order. */
  readonly checksum: string;
}
