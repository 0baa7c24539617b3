/**
 * The tar format: for each file a header of 512 bytes, its content, and zeros up to a multiple of 512.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 - "ustar Interchange Format"
 */
import { DataError } from "../../core/errors.ts";
import { checkMemberName } from "./member-name.ts";

const blockBytes = 512;

/** A file in an archive. */
export interface ArchiveMember {
  /** With its folders, as in `cifar-10-batches-bin/test_batch.bin`. */
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * The regular files of an unpacked tar archive; contents are views of `bytes`. Names longer than 256 characters, which
 * need records of their own, are cut.
 *
 * @param where - names the archive in errors
 * @throws DataError if a header is damaged, a content cut short, or a name leads out of the archive
 */
export function* tarMembers(bytes: Uint8Array, where: string): Generator<ArchiveMember, void, undefined> {
  let at = 0;
  while (at < bytes.length) {
    const header = bytes.subarray(at, at + blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const length = lengthIn(header, where, at);
    const start = at + blockBytes;
    if (start + length > bytes.length) {
      throw new DataError(
        `${where}: got ${bytes.length} bytes of a tar archive, expected ${start + length} at least. ` +
          "It is cut short: copy or download it again.",
      );
    }
    const name = nameIn(header);
    checkMemberName(name, where);
    if (isRegular(header)) yield { name, content: bytes.subarray(start, start + length) };
    at = start + Math.ceil(length / blockBytes) * blockBytes;
  }
}

/** Length of the content; the header is checked. */
function lengthIn(header: Uint8Array, where: string, at: number): number {
  const sum = Number.parseInt(text(header, 148, 8), 8);
  const length = Number.parseInt(text(header, 124, 12), 8);
  if (header.length < blockBytes || sum !== checksum(header) || !(length >= 0)) {
    throw new DataError(
      `${where}: got no header of tar at byte ${at}, expected one for each file in it. ` +
        "The archive is damaged or another: copy or download it again.",
    );
  }
  return length;
}

/** The sum of all bytes, those of the sum itself taken for spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function nameIn(header: Uint8Array): string {
  const isUstar = text(header, 257, 5) === "ustar";
  const folder = isUstar ? text(header, 345, 155) : "";
  const name = text(header, 0, 100);
  return (folder === "" ? name : `${folder}/${name}`).replace(/^(?:\.\/)+/, "");
}

/** Type `0`, or none in archives from before POSIX. */
function isRegular(header: Uint8Array): boolean {
  return header[156] === 0x30 || header[156] === 0;
}

/** A field, up to its first zero byte. */
function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).trim();
}
