/**
 * The idx file format of MNIST: a big-endian header (magic number, then one length per axis), then numbers.
 *
 * @see http://yann.lecun.com/exdb/mnist/
 */
import { DataError } from "../../core/errors.ts";
import type { ImageSpec } from "../../core/image-spec.ts";
import type { Split } from "../dataset.ts";
import type { DataFormat, NamedBytes } from "./data-format.ts";

/**
 * What an idx file holds: images (three axes of unsigned bytes), labels (one axis), or QMNIST's extended labels (rows
 * of signed 32-bit numbers, the first of which is the label).
 */
export type IdxKind = "images" | "labels" | "extendedLabels";

const formats = {
  images: { magic: 0x00000803, headerBytes: 16, title: "images" },
  labels: { magic: 0x00000801, headerBytes: 8, title: "labels" },
  extendedLabels: { magic: 0x00000c02, headerBytes: 12, title: "extended labels" },
} as const;

/** No idx header is longer. */
const longestHeader = formats.images.headerBytes;

/** More than this many items is taken for a damaged header. */
const mostItems = 1_000_000;

/** Larger images are taken for a damaged header. */
const largestSide = 4096;

/** More numbers in a row of extended labels are taken for a damaged header; QMNIST has 8. */
const mostColumns = 64;

/** A split whose labels are bytes. */
export interface ByteSplit extends Split {
  /** The class of each image, a byte each. */
  readonly labels: Uint8Array;
}

/** What images are expected to be; what is left out may be anything. */
export type ExpectedImages = {
  readonly [K in "height" | "width" | "classes"]?: ImageSpec[K] | undefined;
};

/** How files of a data set differ from MNIST's. */
export interface IdxLayout {
  /** Whether images are stored column after column, as EMNIST's are; default: false. */
  readonly transposed?: boolean | undefined;
  /** The label of the first class; default: 0. */
  readonly firstLabel?: number | undefined;
  /** Whether labels are QMNIST's extended ones; default: false. */
  readonly extendedLabels?: boolean | undefined;
}

/** An idx header, checked. */
export interface IdxHeader {
  /** Images or labels. */
  readonly count: number;
  /** Of each image, in pixels; 1 for labels. */
  readonly height: number;
  /** As the height; of extended labels the numbers in a row. */
  readonly width: number;
  /** Bytes of the whole file, header included. */
  readonly totalBytes: number;
}

/**
 * Reads and checks the header at the start of an unpacked idx file.
 *
 * @param start - the first bytes of the file, at least the header
 * @param where - names the file in errors
 * @throws DataError if the header is short, of another kind, or gives impossible lengths
 */
export function parseIdxHeader(
  start: Uint8Array,
  kind: IdxKind,
  where: string,
  expected: ExpectedImages = {},
): IdxHeader {
  const { magic, headerBytes, title } = formats[kind];
  if (start.length < headerBytes) {
    throw new DataError(
      `${where}: got ${start.length} bytes, expected an idx header of ${headerBytes} bytes. ` +
        "The file is cut short: copy or download it again.",
    );
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const found = view.getUint32(0);
  if (found !== magic) {
    throw new DataError(
      `${where}: got magic number ${hex(found)}, expected ${hex(magic)} for idx ${title}. ` +
        "Put the right file there: it is not the file that its name says.",
    );
  }
  const count = view.getUint32(4);
  if (count < 1 || count > mostItems) {
    throw new DataError(
      `${where}: got ${count} ${title} in the header, expected 1 to ${mostItems}. ` +
        "The header is damaged: copy or download the file again.",
    );
  }
  if (kind === "labels") return { count, height: 1, width: 1, totalBytes: headerBytes + count };
  if (kind === "extendedLabels") {
    const columns = view.getUint32(8);
    if (columns < 1 || columns > mostColumns) {
      throw new DataError(
        `${where}: got rows of ${columns} numbers in the header, expected 1 to ${mostColumns}. ` +
          "The header is damaged: copy or download the file again.",
      );
    }
    return { count, height: 1, width: columns, totalBytes: headerBytes + 4 * count * columns };
  }
  const [height, width] = [view.getUint32(8), view.getUint32(12)];
  checkSize(height, width, where, expected);
  return { count, height, width, totalBytes: headerBytes + count * height * width };
}

function checkSize(height: number, width: number, where: string, expected: ExpectedImages): void {
  if (height !== (expected.height ?? height) || width !== (expected.width ?? width)) {
    throw new DataError(
      `${where}: got images of ${height} x ${width} pixels, expected ${expected.height} x ${expected.width}. ` +
        "Scale the images to that size and write the file again.",
    );
  }
  if (height < 1 || width < 1 || height > largestSide || width > largestSide) {
    throw new DataError(
      `${where}: got images of ${height} x ${width} pixels in the header, expected 1 to ${largestSide} on each side. ` +
        "The header is damaged: copy or download the file again.",
    );
  }
}

/**
 * The items of an unpacked idx file, a view of `bytes`: count * height * width pixels, count labels, or count rows of
 * extended labels, four bytes a number.
 *
 * @throws DataError as {@link parseIdxHeader}, or if the length is not what the header says
 */
export function parseIdx(
  bytes: Uint8Array,
  kind: IdxKind,
  where: string,
  expected: ExpectedImages = {},
): IdxHeader & { readonly items: Uint8Array } {
  const header = parseIdxHeader(bytes, kind, where, expected);
  const { count, totalBytes } = header;
  if (bytes.length !== totalBytes) {
    throw new DataError(
      `${where}: got ${bytes.length} bytes, expected ${totalBytes} for the ${count} ${formats[kind].title} of its header. ` +
        "The file is damaged: copy or download it again.",
    );
  }
  return { ...header, items: bytes.subarray(formats[kind].headerBytes) };
}

/** The bytes of an idx file with these items; {@link parseIdx} gives them back. */
export function encodeIdx(
  items: Uint8Array,
  ...[kind, size]:
    | readonly [kind: "images", size: Pick<ImageSpec, "height" | "width">]
    | readonly [kind: "labels", size?: undefined]
): Uint8Array {
  const { magic, headerBytes } = formats[kind];
  const bytes = new Uint8Array(headerBytes + items.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, size === undefined ? items.length : items.length / (size.height * size.width));
  if (size !== undefined) {
    view.setUint32(8, size.height);
    view.setUint32(12, size.width);
  }
  bytes.set(items, headerBytes);
  return bytes;
}

/**
 * Puts an image file and a label file together.
 *
 * @param expected - what the images must be; default: what the files say
 * @param layout - how the files differ from MNIST's
 * @throws DataError if a file is not an idx file of the right kind and length, if the counts differ, or if a label is not that of a class
 */
export function parseSplit(
  imageFile: NamedBytes,
  labelFile: NamedBytes,
  expected: ExpectedImages = {},
  layout: IdxLayout = {},
): ByteSplit {
  const { transposed = false } = layout;
  const { count, height, width, images } = parseImages(imageFile, expected, transposed);
  const stored = parseLabels(labelFile, layout);
  if (stored.length !== count) {
    throw new DataError(
      `${labelFile.where}: got ${stored.length} labels, expected ${count}, one for each image of ` +
        `${imageFile.where}. Put files there that belong together.`,
    );
  }
  const labels = classesOf(stored, labelFile.where, expected.classes, layout.firstLabel);
  return { images, labels, count, channels: 1, height, width };
}

/** The format of MNIST and its kin: each half a file of images and a file of labels. */
export function idxFormat(layout: IdxLayout = {}): DataFormat {
  const labels = layout.extendedLabels ? "extendedLabels" : "labels";
  return {
    file: "an idx file",
    lengthFrom: "its idx header says",
    headerBytes: longestHeader,
    wholeBytes(start, { where, place, image }) {
      if (place !== 0) return parseIdxHeader(start, labels, where).totalBytes;
      const { height, width } = layout.transposed ? turned(image) : image;
      return parseIdxHeader(start, "images", where, { height, width }).totalBytes;
    },
    split: ([images, labelled], image) => parseSplit(images!, labelled!, image, layout),
  };
}

function parseImages(
  { where, bytes }: NamedBytes,
  expected: ExpectedImages,
  transposed: boolean,
): Omit<IdxHeader, "totalBytes"> & { readonly images: Uint8Array } {
  if (!transposed) {
    const { items: images, ...header } = parseIdx(bytes, "images", where, expected);
    return { ...header, images };
  }
  const { count, height, width, items } = parseIdx(bytes, "images", where, turned(expected));
  return { count, height: width, width: height, images: transposedImages(items, height, width) };
}

function turned({ height, width }: ExpectedImages): ExpectedImages {
  return { height: width, width: height };
}

/** Each image with its rows as columns. */
function transposedImages(items: Uint8Array, height: number, width: number): Uint8Array {
  const images = new Uint8Array(items.length);
  for (let start = 0; start < items.length; start += height * width) {
    let to = start;
    for (let x = 0; x < width; x++) {
      for (let from = start + x; to < start + (x + 1) * height; from += width) images[to++] = items[from]!;
    }
  }
  return images;
}

function parseLabels({ where, bytes }: NamedBytes, { extendedLabels = false }: IdxLayout): ArrayLike<number> {
  if (!extendedLabels) return parseIdx(bytes, "labels", where).items;
  const { count, width, items } = parseIdx(bytes, "extendedLabels", where);
  const view = new DataView(items.buffer, items.byteOffset, items.byteLength);
  return Int32Array.from({ length: count }, (_, row) => view.getInt32(4 * width * row));
}

/** @throws DataError if a label is not that of a class */
function classesOf(labels: ArrayLike<number>, where: string, classes = 256, firstLabel = 0): Uint8Array {
  const wrong = Array.prototype.findIndex.call(
    labels,
    (label: number) => label < firstLabel || label >= firstLabel + classes,
  );
  if (wrong >= 0) {
    throw new DataError(
      `${where}: got label ${labels[wrong]} for image ${wrong}, expected ${firstLabel} to ` +
        `${firstLabel + classes - 1}. The file is damaged or belongs to another data set: replace it.`,
    );
  }
  if (labels instanceof Uint8Array && firstLabel === 0) return labels;
  return Uint8Array.from(labels, (label) => label - firstLabel);
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
