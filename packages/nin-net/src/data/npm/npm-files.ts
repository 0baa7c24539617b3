/** Makes the four idx files of a data set out of an npm package. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as letOthersWork } from "node:timers/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { DataError } from "../../core/errors.ts";
import { type DataFile, type FileDataset, filesOf, type NpmArrays, type NpmSource } from "../definition.ts";
import { encodeIdx } from "../formats/idx.ts";
import { NumberArrayReader } from "./number-arrays.ts";

const inflate = promisify(inflateRaw);

/** Unpacked idx files, those that were asked for at least. */
export type IdxFiles = ReadonlyMap<DataFile, Uint8Array>;

/** What {@link npmFiles} reads. */
export interface NpmFilesRequest {
  readonly definition: FileDataset;
  readonly source: NpmSource;
  /** Of the unpacked package. */
  readonly folder: string;
  readonly files: readonly DataFile[];
}

/**
 * Reads the files out of the folder of the unpacked package; whether they are the right ones is not checked.
 *
 * @throws DataError if the package lacks a file or holds something else in it; the signal's reason, if it is aborted
 */
export async function npmFiles(
  { definition, source: { contents }, folder, files }: NpmFilesRequest,
  signal?: AbortSignal,
): Promise<IdxFiles> {
  const all = filesOf(definition);
  switch (contents.kind) {
    case "idx": {
      const read = new Map<DataFile, Uint8Array>();
      for (const file of files) {
        const path = contents.paths[all.indexOf(file)]!;
        read.set(file, await readFile(await fileIn(folder, path), { signal }));
      }
      return read;
    }
    case "arrays": {
      const { image } = definition;
      const { train, test } = await imagesIn(contents, folder, image.height * image.width, signal);
      const trainImages = encodeIdx(train.images, "images", image);
      await letOthersWork();
      const made = [
        trainImages,
        encodeIdx(train.labels, "labels"),
        encodeIdx(test.images, "images", image),
        encodeIdx(test.labels, "labels"),
      ];
      return new Map(all.map((file, index) => [file, made[index]!]));
    }
    default:
      return contents satisfies never;
  }
}

/** What an array of the package is. */
const parts = ["none", "train", "test"] as const;
type Part = (typeof parts)[number];

/** 3 ** 5 = 243 fits into a byte of the table. */
const partsInByte = 5;

interface LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Images one after the other in large blocks: many small arrays keep the garbage collector busy. */
class ImageList {
  static readonly #blockImages = 1024;
  readonly #imageBytes: number;
  readonly #blocks: Uint8Array[] = [];
  #length = 0;

  constructor(imageBytes: number) {
    this.#imageBytes = imageBytes;
  }

  get length(): number {
    return this.#length;
  }

  push(image: Uint8Array): void {
    const index = this.#length++;
    if (index % ImageList.#blockImages === 0) {
      this.#blocks.push(new Uint8Array(ImageList.#blockImages * this.#imageBytes));
    }
    this.at(index).set(image);
  }

  at(index: number): Uint8Array {
    const start = (index % ImageList.#blockImages) * this.#imageBytes;
    return this.#blocks[Math.floor(index / ImageList.#blockImages)]!.subarray(
      start,
      start + this.#imageBytes,
    );
  }
}

async function fileIn(folder: string, path: string): Promise<string> {
  const file = join(folder, path);
  const stats = await stat(file).catch(() => null);
  if (!stats?.isFile()) throw new DataError(`${path} is missing in it.`);
  return file;
}

async function imagesIn(
  contents: NpmArrays,
  folder: string,
  imageBytes: number,
  signal: AbortSignal | undefined,
): Promise<Record<"train" | "test", LabelledImages>> {
  const table = await partsOf(contents);
  const train = contents.paths.map(() => new ImageList(imageBytes));
  const test = contents.paths.map(() => new ImageList(imageBytes));
  let place = 0;
  for (const [label, path] of contents.paths.entries()) {
    const reader = new NumberArrayReader(path, imageBytes, (numbers) => {
      const part = table(place++);
      if (part === "none") return;
      if (numbers.length !== imageBytes) {
        throw new DataError(`${path}: got an array of ${numbers.length} numbers, expected ${imageBytes}.`);
      }
      (part === "train" ? train : test)[label]!.push(numbers);
    });
    for await (const piece of createReadStream(await fileIn(folder, path), {
      highWaterMark: 1 << 18,
      signal,
    })) {
      reader.read(piece as Buffer);
    }
    reader.end();
  }
  return { train: await inTurn(train, imageBytes), test: await inTurn(test, imageBytes) };
}

/** Says what the array at a place is, counted through all files. */
async function partsOf({ table }: NpmArrays): Promise<(place: number) => Part> {
  const bytes = await inflate(Buffer.from(await table(), "base64"));
  return (place) => {
    const packed = bytes[Math.floor(place / partsInByte)] ?? 0;
    return parts[Math.floor(packed / parts.length ** (place % partsInByte)) % parts.length]!;
  };
}

/** One image of each class in turn, so that the first so many are of all classes. */
async function inTurn(classes: readonly ImageList[], imageBytes: number): Promise<LabelledImages> {
  const count = classes.reduce((sum, { length }) => sum + length, 0);
  const images = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  let at = 0;
  const rounds = Math.max(...classes.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    for (const [label, ofClass] of classes.entries()) {
      if (round >= ofClass.length) continue;
      images.set(ofClass.at(round), at * imageBytes);
      labels[at++] = label;
    }
    if (round % 1000 === 999) await letOthersWork();
  }
  return { images, labels };
}
