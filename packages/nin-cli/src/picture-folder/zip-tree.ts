import { stat } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { DataError, systemReason } from "nin-net";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { mostFileBytes, tooManyBytes } from "../pictures/decode.ts";
import { reasonOf } from "../pictures/reason.ts";
import { grouped } from "../terminal/format.ts";
import { changed } from "./folder-tree.ts";
import {
  type BrokenFile,
  isIgnored,
  type PictureTree,
  type TreeContent,
  type TreeContents,
  type TreeFile,
} from "./picture-tree.ts";

/** What unpacks to so many times its length, and to more than this many bytes, is no collection of pictures. */
const mostTimes = 200;
const mostUnpacked = mostFileBytes;

/**
 * A zip archive. Its list of files is read first, from its end; pictures one after the other, when they are wanted.
 * Nothing is unpacked to the disk.
 */
export class ZipTree implements PictureTree {
  readonly path: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Of the archive, when it was opened. */
  readonly #stamp: number;

  private constructor(path: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>, stamp: number) {
    this.path = path;
    this.#zip = zip;
    this.#entries = entries;
    this.#stamp = stamp;
  }

  /** @throws DataError if it is no zip archive, leads out of itself or would unpack to far too much */
  static async open(path: string): Promise<ZipTree> {
    const { mtimeMs, size } = await stat(path);
    let zip: ZipFile | undefined;
    try {
      zip = await yauzl.openPromise(path, { autoClose: false });
      const entries = new Map<string, Entry>();
      let unpacked = 0;
      for await (const entry of zip.eachEntry()) {
        unpacked += entry.uncompressedSize;
        const name = entry.fileName.normalize("NFC");
        if (!name.split("/").some((part) => part !== "" && isIgnored(part))) entries.set(name, entry);
      }
      if (unpacked > mostUnpacked && unpacked > mostTimes * size) throw bomb(path, size, unpacked);
      return new ZipTree(path, zip, entries, mtimeMs);
    } catch (error) {
      zip?.close();
      throw error instanceof DataError ? error : notRead(path, error as Error);
    }
  }

  async list(): Promise<TreeContents> {
    const names = [...this.#entries.keys()];
    const folders = new Set<string>();
    for (const name of names) {
      for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
        folders.add(name.slice(0, end));
      }
    }
    const files = names.filter((name) => !name.endsWith("/")).map((name) => this.#file(name));
    return { files, folders: [...folders], broken: [] };
  }

  #file(name: string): TreeFile {
    const { uncompressedSize, crc32: stamp } = this.#entries.get(name)!;
    return { name, bytes: uncompressedSize, stamp };
  }

  async find(name: string): Promise<TreeFile | undefined> {
    const known = name
      .replaceAll("\\", "/")
      .replace(/^(?:\.\/)+/, "")
      .normalize("NFC");
    return this.#entries.has(known) && !known.endsWith("/") ? this.#file(known) : undefined;
  }

  async text(name: string): Promise<string> {
    try {
      return new TextDecoder().decode(await this.#read(name));
    } catch (error) {
      throw new DataError(`${this.path}/${name}: ${reasonOf(error)}`, { cause: error });
    }
  }

  async *contents(files: readonly TreeFile[]): AsyncGenerator<TreeContent | BrokenFile> {
    for (const file of files) {
      try {
        yield { file, content: await this.#read(file.name) };
      } catch (error) {
        await this.#checkUnchanged();
        yield { name: file.name, message: reasonOf(error) };
      }
    }
    await this.#checkUnchanged();
  }

  async #checkUnchanged(): Promise<void> {
    const now = await stat(this.path).catch(() => undefined);
    if (now?.mtimeMs !== this.#stamp) throw changed(this.path);
  }

  async #read(name: string): Promise<Uint8Array> {
    const entry = this.#entries.get(name)!;
    if (entry.isEncrypted()) {
      throw new DataError("image: is encrypted, expected an image. Make the archive without a password.");
    }
    if (entry.uncompressedSize > mostFileBytes) throw tooManyBytes();
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of await this.#zip.openReadStreamPromise(entry))
        pieces.push(piece as Uint8Array);
    } catch (cause) {
      throw damaged(cause);
    }
    const bytes = Buffer.concat(pieces);
    if (crc32(bytes) !== entry.crc32) throw damaged();
    return bytes;
  }

  async isSameFolder(): Promise<boolean> {
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#zip.close();
  }
}

function damaged(cause?: unknown): DataError {
  return new DataError("image: cannot be unpacked, expected a whole one. Make the archive again.", { cause });
}

function bomb(path: string, size: number, unpacked: number): DataError {
  return new DataError(
    `${path}: its ${grouped(size)} bytes would become ${grouped(unpacked)}, expected pictures, which hardly get smaller ` +
      "in an archive. Take an archive that you trust.",
  );
}

function notRead(path: string, cause: Error): DataError {
  const [, name] = /^(?:absolute path|invalid relative path): (.*)$/s.exec(cause.message) ?? [];
  if (name !== undefined) {
    return new DataError(
      `${path}: holds ${JSON.stringify(name)}, a name that leads out of the archive, expected names within. ` +
        "Take an archive that you trust.",
      { cause },
    );
  }
  const { code } = cause as NodeJS.ErrnoException;
  const got =
    code === undefined ? "is no zip archive, or cut short" : `cannot be read (${systemReason(cause)})`;
  return new DataError(`${path}: ${got}, expected one with pictures. Make or copy it again.`, { cause });
}
