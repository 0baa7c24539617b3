/**
 * The idx file format of MNIST: a big-endian header (magic number, then one length per axis), then bytes.
 *
 * @see http://yann.lecun.com/exdb/mnist/
 */
import { DataError } from "../../core/errors.ts";
import type { ImageSpec } from "../../core/image-spec.ts";
import type { Split } from "../dataset.ts";

/** What an idx file holds: images (three axes of unsigned bytes) or labels (one axis). */
export type IdxKind = "images" | "labels";

const formats = {
  images: { magic: 0x00000803, headerBytes: 16 },
  labels: { magic: 0x00000801, headerBytes: 8 },
} as const;

/** No idx header is longer. */
export const longestIdxHeader = formats.images.headerBytes;

/** More than this many items is taken for a damaged header. */
const mostItems = 1_000_000;

/** Larger images are taken for a damaged header. */
const largestSide = 4096;

/** A split whose labels are bytes. */
export interface ByteSplit extends Split {
  readonly labels: Uint8Array;
}

/** What images are expected to be; what is left out may be anything. */
export type ExpectedImages = Partial<Pick<ImageSpec, "height" | "width" | "classes">>;

/** An idx header, checked. */
export interface IdxHeader {
  /** Images or labels. */
  readonly count: number;
  /** Of each image, in pixels; 1 for labels. */
  readonly height: number;
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
  const { magic, headerBytes } = formats[kind];
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
      `${where}: got magic number ${hex(found)}, expected ${hex(magic)} for idx ${kind}. ` +
        "Put the right file there: it is not the file that its name says.",
    );
  }
  const count = view.getUint32(4);
  if (count < 1 || count > mostItems) {
    throw new DataError(
      `${where}: got ${count} ${kind} in the header, expected 1 to ${mostItems}. ` +
        "The header is damaged: copy or download the file again.",
    );
  }
  if (kind === "labels") return { count, height: 1, width: 1, totalBytes: headerBytes + count };
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
 * The items of an unpacked idx file: count * height * width pixels or count labels, a view of `bytes`.
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
      `${where}: got ${bytes.length} bytes, expected ${totalBytes} for the ${count} ${kind} of its header. ` +
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

/** An unpacked idx file with the name that errors give it. */
export interface NamedBytes {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/**
 * Puts an image file and a label file together.
 *
 * @param expected - what the images must be; default: what the files say
 * @throws DataError as {@link parseIdx}, if the counts differ, or if a label is not below the number of classes
 */
export function parseSplit(
  imageFile: NamedBytes,
  labelFile: NamedBytes,
  expected: ExpectedImages = {},
): ByteSplit {
  const images = parseIdx(imageFile.bytes, "images", imageFile.where, expected);
  const { items: labels } = parseIdx(labelFile.bytes, "labels", labelFile.where);
  const { count, height, width } = images;
  if (labels.length !== count) {
    throw new DataError(
      `${labelFile.where}: got ${labels.length} labels, expected ${count}, one for each image of ` +
        `${imageFile.where}. Put files there that belong together.`,
    );
  }
  const { classes = 256 } = expected;
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataError(
      `${labelFile.where}: got label ${labels[wrong]} for image ${wrong}, expected 0 to ${classes - 1}. ` +
        "The file is damaged or belongs to another data set: replace it.",
    );
  }
  return { images: images.items, labels, count, channels: 1, height, width };
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
