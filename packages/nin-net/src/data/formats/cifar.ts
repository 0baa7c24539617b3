/**
 * CIFAR's binary format: records of one or two labels and an image, one after the other, without a header. Of an image
 * come all red values, row after row, then the green, then the blue.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { DataError } from "../../core/errors.ts";
import type { ImageSpec } from "../../core/image-spec.ts";
import type { Split } from "../dataset.ts";
import type { DataFormat, NamedBytes } from "./data-format.ts";

/** What stands before the pixels of an image. */
export interface CifarLayout {
  /** How many labels, of one byte each: 1 in CIFAR-10, 2 in CIFAR-100. */
  readonly labels: number;
  /** Which of them names the class, from 0; default: 0. */
  readonly label?: number | undefined;
}

/** The format of CIFAR: each half one or more files of records. */
export function cifarFormat(layout: CifarLayout): DataFormat {
  return {
    file: "a file of CIFAR's binary version",
    lengthFrom: "the official file has",
    headerBytes: 0,
    wholeBytes: (_, { bytes }) => bytes,
    split: (files, image) => parseCifar(files, image, layout),
  };
}

/**
 * Reads the records of one or more files, in their order.
 *
 * @throws DataError if a file holds part of a record or none, or a label is not below the number of classes
 */
export function parseCifar(
  files: readonly NamedBytes[],
  { channels, height, width, classes }: ImageSpec,
  { labels: labelBytes, label: labelAt = 0 }: CifarLayout,
): Split {
  const pixels = height * width;
  const recordBytes = labelBytes + channels * pixels;
  const counts = files.map((file) => recordsIn(file, recordBytes));
  const count = counts.reduce((sum, each) => sum + each, 0);
  const images = new Uint8Array(count * channels * pixels);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const [index, { where, bytes }] of files.entries()) {
    for (let record = 0; record < counts[index]!; record++, at++) {
      const start = record * recordBytes;
      const label = bytes[start + labelAt]!;
      if (label >= classes) {
        throw new DataError(
          `${where}: got label ${label} for image ${record}, expected 0 to ${classes - 1}. ` +
            "The file is damaged or belongs to another data set: replace it.",
        );
      }
      labels[at] = label;
      // The channels of each pixel together.
      for (let channel = 0; channel < channels; channel++) {
        let to = at * channels * pixels + channel;
        const plane = start + labelBytes + channel * pixels;
        for (let from = plane; from < plane + pixels; from++) {
          images[to] = bytes[from]!;
          to += channels;
        }
      }
    }
  }
  return { images, labels, count, channels, height, width };
}

function recordsIn({ where, bytes }: NamedBytes, recordBytes: number): number {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new DataError(
      `${where}: got ${bytes.length} bytes, expected a multiple of ${recordBytes}, the records of CIFAR's binary ` +
        "version. The file is cut short or another one: copy or download it again.",
    );
  }
  return bytes.length / recordBytes;
}
