/**
 * Pictures as they are trained on, kept on the disk: decoded once, and again only when their files change.
 *
 * A folder with `index.json`, which is replaced as a whole, and files of pixels that are written once and never
 * changed. Two processes may use one cache: each writes files of its own, and what the index of the one that ends
 * first has is lost to the other, no more.
 */
import { createHash, randomUUID } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError, flushFile, makeFolders, systemReason } from "nin-net";
import { z } from "zod";
import { replaceFile } from "../runs/run-folder-files.ts";
import { greyOf } from "./grey.ts";
import type { TreeFile } from "./picture-tree.ts";

const formatVersion = 1;
const indexName = "index.json";
const pixelsEnding = ".pixels";
/** So many files of pixels, or half of their bytes no longer used, and they are written anew as one. */
const mostSegments = 32;
/** What no index names is of a process that ended, or of one that is still at it: the latter is done within a day. */
const abandonedAfterMilliseconds = 86_400_000;

const count = z.int().min(0);
/** Sums of levels, and of their squares, over the pixels: of red, green and blue, and of them made grey. */
const sumsSchema = z.array(count).length(8).readonly();

const recordSchema = z.object({
  /** In the order of the index's `segments`. */
  segment: count,
  offset: count,
  /** 1: all its pixels are grey. */
  channels: z.union([z.literal(1), z.literal(3)]),
  sums: sumsSchema,
});

const indexSchema = z.object({
  formatVersion: z.literal(formatVersion),
  /** Names of files, with their lengths in bytes. */
  segments: z.array(z.tuple([z.string().regex(/^[0-9a-f-]{36}\.pixels$/), count])),
  /** Pixels by the SHA-256 of the file that they were decoded from. */
  pictures: z.record(z.string(), recordSchema),
  /** Files by name: length, stamp, and the SHA-256 of their content. */
  files: z.record(z.string(), z.tuple([count, z.number(), z.string()])),
});

type Index = z.infer<typeof indexSchema>;

/** A picture in the cache. */
export type CachedPicture = Readonly<z.infer<typeof recordSchema>>;

/** A decoded picture. */
export interface DecodedPicture extends Pick<CachedPicture, "channels" | "sums"> {
  readonly pixels: Uint8Array;
}

export interface PictureCacheOptions {
  /** Of the cache; made when something is written. */
  readonly folder: string;
  /** Of every picture. */
  readonly height: number;
  readonly width: number;
}

/** Where the cache of a source of pictures lies, brought to a size in a way: one for each. */
export function cachePlace(cacheDir: string, title: string, key: readonly (string | number)[]): string {
  const digest = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  const readable = title.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 40);
  return join(cacheDir, "pictures", `${readable}-${digest}`);
}

export class PictureCache implements AsyncDisposable {
  readonly #folder: string;
  readonly #pixels: number;
  #index: Index;
  /** Of files of pixels that are open for reading, in the order of the index. */
  #open: number[] = [];
  #writer: { readonly handle: FileHandle; readonly name: string; length: number } | undefined;
  #isChanged = false;

  private constructor({ folder, height, width }: PictureCacheOptions, index: Index) {
    this.#folder = folder;
    this.#pixels = height * width;
    this.#index = index;
  }

  /** What is damaged or incomplete counts as not there. */
  static async open(options: PictureCacheOptions): Promise<PictureCache> {
    return new PictureCache(options, await readIndex(options.folder));
  }

  /** SHA-256 of a file that has not changed since it was decoded; undefined: it has, or is new. */
  digestOf({ name, bytes, stamp }: TreeFile): string | undefined {
    const known = this.#file(name);
    const isUnchanged = known !== undefined && known[0] === bytes && known[1] === stamp;
    return isUnchanged ? this.lastDigestOf(name) : undefined;
  }

  /** SHA-256 of what a file held when it was decoded last; undefined: it never was. */
  lastDigestOf(name: string): string | undefined {
    const sha256 = this.#file(name)?.[2];
    return sha256 !== undefined && this.picture(sha256) !== undefined ? sha256 : undefined;
  }

  #file(name: string): Index["files"][string] | undefined {
    return Object.hasOwn(this.#index.files, name) ? this.#index.files[name] : undefined;
  }

  /** @param sha256 - of the content of a file */
  picture(sha256: string): CachedPicture | undefined {
    return Object.hasOwn(this.#index.pictures, sha256) ? this.#index.pictures[sha256] : undefined;
  }

  /**
   * Keeps what a file holds.
   *
   * @param decoded - undefined where the cache has the same content already
   * @throws DataError if there is no space for it, or no place
   */
  async add(file: TreeFile, sha256: string, decoded: DecodedPicture | undefined): Promise<void> {
    this.#isChanged = true;
    if (decoded !== undefined && this.picture(sha256) === undefined) {
      const { channels, sums, pixels } = decoded;
      const offset = await this.#append(pixels);
      this.#index.pictures[sha256] = { segment: this.#index.segments.length, offset, channels, sums };
    }
    this.#index.files[file.name] = [file.bytes, file.stamp, sha256];
  }

  /**
   * Writes the index, of these files alone, and drops the pixels of all others.
   *
   * @throws DataError if there is no space for it
   */
  async commit(files: readonly TreeFile[]): Promise<void> {
    await this.#endSegment();
    const names = new Set(files.map(({ name }) => name));
    const gone = Object.keys(this.#index.files).filter((name) => !names.has(name));
    if (this.#isChanged || gone.length > 0) await this.#replaceIndex(gone);
    // Before another process can remove one of them.
    for (const { segment } of Object.values(this.#index.pictures)) this.#descriptorOf(segment);
  }

  /** @param gone - files that are no longer there */
  async #replaceIndex(gone: readonly string[]): Promise<void> {
    for (const name of gone) delete this.#index.files[name];
    const used = new Set(Object.values(this.#index.files).map(([, , sha256]) => sha256));
    for (const sha256 of Object.keys(this.#index.pictures)) {
      if (!used.has(sha256)) delete this.#index.pictures[sha256];
    }
    const before = this.#index.segments.map(([name]) => name);
    if (this.#isWasteful()) await this.#compact();
    await writing(this.#folder, async () => {
      await makeFolders(this.#folder);
      await replaceFile(join(this.#folder, indexName), JSON.stringify(this.#index));
    });
    this.#isChanged = false;
    const after = new Set(this.#index.segments.map(([name]) => name));
    await this.#removeUnused(before.filter((name) => !after.has(name)));
  }

  /**
   * Reads pixels into an array, grey ones as three equal channels or coloured ones made grey where that is asked for.
   *
   * @throws DataError if the cache was changed by something else
   */
  read(picture: CachedPicture, channels: number, into: Uint8Array, at: number): void {
    const length = this.#pixels * picture.channels;
    if (picture.channels === channels) {
      this.#readBytes(picture, into.subarray(at, at + length));
      return;
    }
    const stored = new Uint8Array(length);
    this.#readBytes(picture, stored);
    for (let i = 0; i < this.#pixels; i++) {
      if (channels === 1) into[at + i] = greyOf(stored, 3 * i);
      else into.fill(stored[i]!, at + 3 * i, at + 3 * i + 3);
    }
  }

  #readBytes({ segment, offset }: CachedPicture, into: Uint8Array): void {
    const got = this.#reading(segment, () =>
      readSync(this.#descriptorOf(segment), into, 0, into.length, offset),
    );
    if (got === into.length) return;
    throw new DataError(
      `${this.#fileOf(segment)}: is cut short. Delete the folder, a cache, and start again.`,
    );
  }

  #descriptorOf(segment: number): number {
    this.#open[segment] ??= this.#reading(segment, () => openSync(this.#fileOf(segment), "r"));
    return this.#open[segment];
  }

  #fileOf(segment: number): string {
    return join(this.#folder, this.#index.segments[segment]![0]);
  }

  #reading<T>(segment: number, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw new DataError(
        `${this.#fileOf(segment)}: cannot be read: ${systemReason(cause)}. Delete the folder, a cache, and start again.`,
        { cause },
      );
    }
  }

  async #append(pixels: Uint8Array): Promise<number> {
    return writing(this.#folder, async () => {
      if (this.#writer === undefined) {
        await makeFolders(this.#folder);
        const name = `${randomUUID()}${pixelsEnding}`;
        this.#writer = { handle: await open(join(this.#folder, name), "wx"), name, length: 0 };
      }
      const { handle, length } = this.#writer;
      await handle.writeFile(pixels);
      this.#writer.length += pixels.length;
      return length;
    });
  }

  /** Closes the file that is being written; from now on it counts. */
  async #endSegment(): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    try {
      await writing(this.#folder, () => flushFile(writer.handle));
    } finally {
      await writer.handle.close();
    }
    this.#index.segments.push([writer.name, writer.length]);
  }

  #isWasteful(): boolean {
    const { segments, pictures } = this.#index;
    const kept = segments.reduce((sum, [, length]) => sum + length, 0);
    const used = Object.values(pictures).reduce((sum, { channels }) => sum + channels * this.#pixels, 0);
    return segments.length > mostSegments || kept > 2 * used;
  }

  /** Writes all pixels into one new file. */
  async #compact(): Promise<void> {
    const pictures = Object.entries(this.#index.pictures);
    const moved: Index["pictures"] = {};
    for (const [sha256, picture] of pictures) {
      const pixels = new Uint8Array(this.#pixels * picture.channels);
      this.#readBytes(picture, pixels);
      moved[sha256] = { ...picture, segment: 0, offset: await this.#append(pixels) };
    }
    this.#close();
    this.#index = { ...this.#index, segments: [], pictures: moved };
    await this.#endSegment();
  }

  /** Removes files of pixels that this index had, and those that were abandoned; what is in use elsewhere may stay. */
  async #removeUnused(names: readonly string[]): Promise<void> {
    const known = new Set(this.#index.segments.map(([name]) => name));
    const lost: string[] = [];
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith(pixelsEnding) || known.has(name)) continue;
      const { mtimeMs } = await stat(join(this.#folder, name));
      if (Date.now() - mtimeMs > abandonedAfterMilliseconds) lost.push(name);
    }
    for (const name of new Set([...names, ...lost])) {
      await rm(join(this.#folder, name), { force: true }).catch(() => undefined);
    }
  }

  #close(): void {
    for (const descriptor of this.#open) if (descriptor !== undefined) closeSync(descriptor);
    this.#open = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    await writer.handle.close();
    await rm(join(this.#folder, writer.name), { force: true });
  }
}

/** An empty one where there is none, or what it says is not there. */
async function readIndex(folder: string): Promise<Index> {
  const empty: Index = { formatVersion, segments: [], pictures: {}, files: {} };
  try {
    const index = indexSchema.parse(JSON.parse(await readFile(join(folder, indexName), "utf8")));
    for (const [name, length] of index.segments) {
      if ((await stat(join(folder, name))).size < length) return empty;
    }
    const isWhole = Object.values(index.pictures).every(({ segment }) => segment < index.segments.length);
    return isWhole ? index : empty;
  } catch {
    return empty;
  }
}

async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const origin = cause instanceof DataError ? (cause.cause ?? cause) : cause;
    const { code } = origin as NodeJS.ErrnoException;
    const space =
      code === "ENOSPC" || code === "EDQUOT"
        ? "Free some space there, take fewer pixels with --size, or name"
        : "Change its permissions, or name";
    throw new DataError(
      `${folder}: the cache of pictures cannot be written: ${systemReason(origin)}. ` +
        `${space} another cache folder with XDG_CACHE_HOME.`,
      { cause },
    );
  }
}
