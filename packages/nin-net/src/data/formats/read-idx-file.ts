import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { DataError } from "../../core/errors.ts";
import {
  type ExpectedImages,
  type IdxKind,
  longestIdxHeader,
  type NamedBytes,
  parseIdxHeader,
} from "./idx.ts";

const unpack = promisify(gunzip);

/**
 * Reads an idx file, packed or plain (told apart by content), and unpacks no more than its header announces.
 *
 * @param path - also the name that errors give
 * @throws DataError if it cannot be read, the gzip data is cut short, damaged or too long, or the header is wrong
 */
export async function readIdxFile(
  path: string,
  kind: IdxKind,
  expected: ExpectedImages = {},
): Promise<NamedBytes> {
  const stored = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      `${path}: cannot be read (${error.code}). Check that it is a file that you may read.`,
    );
  });
  const bytes = isGzip(stored) ? await unpackIdx(stored, path, kind, expected) : stored;
  parseIdxHeader(bytes, kind, path, expected);
  // Not a Buffer, whose slice() would share memory where a Uint8Array's copies.
  return { where: path, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Whether bytes begin as gzip data does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpackIdx(
  packed: Buffer,
  path: string,
  kind: IdxKind,
  expected: ExpectedImages,
): Promise<Buffer> {
  try {
    const start = await unpackedStart(packed, longestIdxHeader);
    // A file shorter than any header is cut short rather than of a wrong kind: let the full unpacking say so.
    const { totalBytes } =
      start.length >= longestIdxHeader
        ? parseIdxHeader(start, kind, path, expected)
        : { totalBytes: longestIdxHeader };
    return await unpack(packed, { maxOutputLength: totalBytes });
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case "Z_BUF_ERROR":
        throw cutShort(path);
      case "Z_DATA_ERROR":
        throw new DataError(
          `${path}: got damaged gzip data, expected an idx file packed with gzip. Copy or download it again.`,
        );
      case "ERR_BUFFER_TOO_LARGE":
        throw new DataError(
          `${path}: got gzip data that unpacks to more bytes than its idx header says. Copy or download it again.`,
        );
      default:
        throw error;
    }
  }
}

/** The first bytes, hardly more than asked for: what follows may unpack to a thousand times its size. */
async function unpackedStart(packed: Buffer, bytes: number): Promise<Buffer> {
  const stream = createGunzip({ chunkSize: 64 });
  stream.end(packed);
  let start = Buffer.alloc(0);
  for await (const piece of stream) {
    start = Buffer.concat([start, piece as Buffer]);
    if (start.length >= bytes) break;
  }
  return start;
}

function cutShort(path: string): DataError {
  return new DataError(
    `${path}: got gzip data that ends too early, expected a whole file. It is cut short: copy or download it again.`,
  );
}

/** SHA-256 in hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
