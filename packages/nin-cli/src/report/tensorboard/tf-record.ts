import { crc32c } from "./crc32c.ts";

const lengthBytes = 8;
const crcBytes = 4;

/**
 * A record of a TFRecord file: the content's length and a checksum of the length, the content and its checksum.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function tfRecord(content: Uint8Array): Uint8Array {
  const record = new Uint8Array(lengthBytes + crcBytes + content.length + crcBytes);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(lengthBytes, masked(crc32c(record.subarray(0, lengthBytes))), true);
  record.set(content, lengthBytes + crcBytes);
  view.setUint32(record.length - crcBytes, masked(crc32c(content)), true);
  return record;
}

/** Checksums stand in files turned and moved, so that the checksum of data with checksums in it is none of those. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
