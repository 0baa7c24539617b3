import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { DataError } from "../../core/errors.ts";
import { systemReason } from "../../core/system-reason.ts";
import type { DataFormat, ExpectedFile, NamedBytes } from "./data-format.ts";

const unpack = promisify(gunzip);

/** Node's own way of unpacking all at once needs twice the memory: too much above this length. */
const largeBytes = 1 << 24;

/** A file, unpacked, and what it was packed as. */
export interface UnpackedFile extends NamedBytes {
  /** As it lay there, packed with gzip; null: it lay there plain. */
  readonly packed: Uint8Array | null;
}

/**
 * Reads a file of a data set, packed with gzip or plain (told apart by content), and unpacks no more than its format
 * allows.
 *
 * @param path - also the name that errors give
 * @throws DataError if it cannot be read, the gzip data is cut short, damaged or too long, or the header is wrong
 */
export async function readDataFile(
  path: string,
  format: DataFormat,
  expected: Omit<ExpectedFile, "where">,
): Promise<UnpackedFile> {
  return unpackDataFile(await readStored(path), format, { ...expected, where: path });
}

/**
 * The bytes of a file as it lies on the disk.
 *
 * @throws DataError if it cannot be read
 */
export async function readStored(path: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      `${path}: cannot be read: ${systemReason(error)}. Check that it is a file that you may read.`,
    );
  });
}

/**
 * Unpacks the bytes of a file of a data set, if they are packed.
 *
 * @throws DataError as {@link readDataFile}
 */
export async function unpackDataFile(
  stored: Uint8Array,
  format: DataFormat,
  expected: ExpectedFile,
): Promise<UnpackedFile> {
  const isPacked = isGzip(stored);
  const bytes = isPacked ? await unpackFile(stored, format, expected) : stored;
  format.wholeBytes(bytes, expected);
  return {
    where: expected.where,
    // Not a Buffer, whose slice() would share memory where a Uint8Array's copies.
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    packed: isPacked ? stored : null,
  };
}

/** Whether bytes begin as gzip data does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpackFile(
  packed: Uint8Array,
  format: DataFormat,
  expected: ExpectedFile,
): Promise<Uint8Array> {
  const { where } = expected;
  const { headerBytes, file, lengthFrom } = format;
  const start = await startOf(packed, headerBytes, where, file);
  // A file shorter than any header is cut short rather than of a wrong kind: let the full unpacking say so.
  const most = start.length >= headerBytes ? format.wholeBytes(start, expected) : headerBytes;
  const name = { where, what: file, tooLong: lengthFrom };
  if (most > largeBytes) return gunzipInto(packed, most, name);
  try {
    return await unpack(packed, { maxOutputLength: most });
  } catch (error) {
    throw explained(error, name);
  }
}

/** How errors speak of gzip data. */
export interface PackedName {
  readonly where: string;
  /** What should be in it: `an idx file`. */
  readonly what: string;
  /** What it is longer than, after "more bytes than". */
  readonly tooLong: string;
}

/**
 * Unpacks gzip data into memory of `most` bytes: right for hundreds of megabytes whose length is known beforehand.
 *
 * @throws DataError if they are damaged, end too early or unpack to more than `most` bytes
 */
export async function gunzipInto(packed: Uint8Array, most: number, name: PackedName): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(most);
  let length = 0;
  const stream = createGunzip({ chunkSize: 1 << 20 });
  stream.end(packed);
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (length + piece.length > most) throw tooLong(name);
      length += piece.copy(bytes, length);
    }
  } catch (error) {
    throw explained(error, name);
  }
  return bytes.subarray(0, length);
}

/** What Node says of gzip data, in a sentence. */
function explained(error: unknown, name: PackedName): unknown {
  const { where, what } = name;
  switch ((error as NodeJS.ErrnoException).code) {
    case "Z_BUF_ERROR":
      return new DataError(
        `${where}: got gzip data that ends too early, expected a whole file. It is cut short: copy or download it again.`,
      );
    case "Z_DATA_ERROR":
      return new DataError(
        `${where}: got damaged gzip data, expected ${what} packed with gzip. Copy or download it again.`,
      );
    case "ERR_BUFFER_TOO_LARGE":
      return tooLong(name);
    default:
      return error;
  }
}

function tooLong({ where, tooLong: limit }: PackedName): DataError {
  return new DataError(
    `${where}: got gzip data that unpacks to more bytes than ${limit}. Copy or download it again.`,
  );
}

/** The first bytes, hardly more than asked for: what follows may unpack to a thousand times its size. */
async function startOf(packed: Uint8Array, bytes: number, where: string, what: string): Promise<Buffer> {
  const stream = createGunzip({ chunkSize: 64 });
  stream.end(packed);
  let start = Buffer.alloc(0);
  try {
    for await (const piece of stream) {
      start = Buffer.concat([start, piece as Buffer]);
      if (start.length >= bytes) break;
    }
  } catch (error) {
    throw explained(error, { where, what, tooLong: "" });
  }
  return start;
}
