import { ShapeError } from "../core/errors.ts";
import { checkBytes, checkStoredImage, type ImageSpec } from "../core/image-spec.ts";
import type { Dataset, Labels, Split } from "./dataset.ts";

/** Images and labels of one half of a data set. */
export interface LabelledImages {
  /** count * height * width * channels bytes: image after image, row after row, the channels of a pixel together. */
  readonly images: Uint8Array;
  /** The class of each image, from 0. */
  readonly labels: Labels;
}

/** What {@link arrayDataset} takes. */
export interface ArrayDatasetOptions {
  /** For people and recipes. */
  readonly name: string;
  /** Default: the name. */
  readonly title?: string | undefined;
  /** What the images are; the number of classes is that of their names. */
  readonly image: Omit<ImageSpec, "classes">;
  /** The names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  /** Images to train on. */
  readonly train: LabelledImages;
  /** Images to test on. */
  readonly test: LabelledImages;
}

/**
 * A data set from arrays, for `train`, `evaluate` and whatever else takes one. Mean and standard deviation are those
 * of the training images.
 *
 * @throws ShapeError if there are no images, not one label an image, or a label is not below the number of classes
 */
export async function arrayDataset(options: ArrayDatasetOptions): Promise<Dataset> {
  const { name, title = name, classes } = options;
  const image = { ...options.image, classes: classes.length };
  const train = splitOf(name, options.train, image);
  const test = splitOf(name, options.test, image);
  const checksum = await checksumOf([train.images, train.labels, test.images, test.labels]);
  return {
    name,
    title,
    image,
    classes,
    train,
    test,
    ...statistics(train),
    synthetic: false,
    source: "arrays",
    checksum,
  };
}

function splitOf(name: string, { images, labels }: LabelledImages, image: ImageSpec): Split {
  checkStoredImage(`data set ${name}`, image);
  const { channels, height, width, classes } = image;
  const count = labels.length;
  if (count === 0) {
    throw new ShapeError(`data set ${name}`, {
      got: "no labels",
      want: "at least one image and its label in each half",
      fix: "Give images to train on and images to test on.",
    });
  }
  checkBytes(`data set ${name}`, images, labels, image);
  const wrong = Array.prototype.findIndex.call(labels, (label: number) => label >= classes);
  if (wrong >= 0) {
    throw new ShapeError(`data set ${name}`, {
      got: `label ${labels[wrong]} for image ${wrong}`,
      want: `labels of 0 to ${classes - 1}`,
      fix: "Name every class.",
    });
  }
  return { images, labels, count, channels, height, width };
}

/** Of each channel, in units of 0..1. */
function statistics({ images, channels }: Split): { readonly mean: number[]; readonly std: number[] } {
  const perChannel = images.length / channels;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < images.length; i++) {
    const value = images[i]! / 255;
    sums[i % channels]! += value;
    squares[i % channels]! += value * value;
  }
  const mean = Array.from(sums, (sum) => sum / perChannel);
  // A channel that is the same everywhere has no spread to divide by.
  const std = mean.map((m, c) => Math.sqrt(Math.max(0, squares[c]! / perChannel - m * m)) || 1);
  return { mean, std };
}

async function checksumOf(arrays: Labels[]): Promise<string> {
  const hash = await crypto.subtle.digest(
    "SHA-256",
    await new Blob(arrays as Uint8Array<ArrayBuffer>[]).arrayBuffer(),
  );
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
