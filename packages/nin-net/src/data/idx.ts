/**
 * The idx file format of MNIST: a big-endian header (magic number, then one length per axis), then bytes.
 *
 * @see http://yann.lecun.com/exdb/mnist/
 */
import { DataError } from "../core/errors.ts";
import { classCount, imageSize, type Split } from "./dataset.ts";

/** What an idx file holds: images (three axes of unsigned bytes) or labels (one axis). */
export type IdxKind = "images" | "labels";

const formats = {
  images: { magic: 0x00000803, headerBytes: 16, itemBytes: imageSize * imageSize },
  labels: { magic: 0x00000801, headerBytes: 8, itemBytes: 1 },
} as const;

/** No idx header is longer. */
export const longestIdxHeader = formats.images.headerBytes;

/** More than this many items is taken for a damaged header. */
const mostItems = 1_000_000;

/** An idx header, checked. */
export interface IdxHeader {
  /** Images or labels. */
  readonly count: number;
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
export function parseIdxHeader(start: Uint8Array, kind: IdxKind, where: string): IdxHeader {
  const { magic, headerBytes, itemBytes } = formats[kind];
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
  if (kind === "images") {
    const [height, width] = [view.getUint32(8), view.getUint32(12)];
    if (height !== imageSize || width !== imageSize) {
      throw new DataError(
        `${where}: got images of ${height} x ${width} pixels, expected ${imageSize} x ${imageSize}. ` +
          "Scale the images to that size and write the file again.",
      );
    }
  }
  return { count, totalBytes: headerBytes + count * itemBytes };
}

/**
 * The items of an unpacked idx file: count * 784 pixels or count labels, a view of `bytes`.
 *
 * @throws DataError as {@link parseIdxHeader}, or if the length is not what the header says
 */
export function parseIdx(bytes: Uint8Array, kind: IdxKind, where: string): Uint8Array {
  const { count, totalBytes } = parseIdxHeader(bytes, kind, where);
  if (bytes.length !== totalBytes) {
    throw new DataError(
      `${where}: got ${bytes.length} bytes, expected ${totalBytes} for the ${count} ${kind} of its header. ` +
        "The file is damaged: copy or download it again.",
    );
  }
  return bytes.subarray(formats[kind].headerBytes);
}

/** The bytes of an idx file with these items; {@link parseIdx} gives them back. */
export function encodeIdx(items: Uint8Array, kind: IdxKind): Uint8Array {
  const { magic, headerBytes, itemBytes } = formats[kind];
  const bytes = new Uint8Array(headerBytes + items.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, items.length / itemBytes);
  if (kind === "images") {
    view.setUint32(8, imageSize);
    view.setUint32(12, imageSize);
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
 * @throws DataError as {@link parseIdx}, if the counts differ, or if a label is not 0..9
 */
export function parseSplit(imageFile: NamedBytes, labelFile: NamedBytes): Split {
  const images = parseIdx(imageFile.bytes, "images", imageFile.where);
  const labels = parseIdx(labelFile.bytes, "labels", labelFile.where);
  const count = images.length / formats.images.itemBytes;
  if (labels.length !== count) {
    throw new DataError(
      `${labelFile.where}: got ${labels.length} labels, expected ${count}, one for each image of ` +
        `${imageFile.where}. Put files there that belong together.`,
    );
  }
  const wrong = labels.findIndex((label) => label >= classCount);
  if (wrong >= 0) {
    throw new DataError(
      `${labelFile.where}: got label ${labels[wrong]} for image ${wrong}, expected 0 to ${classCount - 1}. ` +
        "The file is damaged or belongs to another data set: replace it.",
    );
  }
  return { images, labels, count, height: imageSize, width: imageSize };
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
