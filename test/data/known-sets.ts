/**
 * The data sets of the catalogue that are not to be had everywhere, with few images: files in their exact formats, which
 * test/oracle/known-sets.py wrote, and their own descriptions with the sizes and digests of these files.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { datasets } from "#nin-net/data/datasets.js";
import type { DataFile, Digest, FileDataset } from "#nin-net/data/definition.js";

export const knownSetsFolder = join("test", "oracle", "known-sets");

type Digests = Readonly<Record<Digest["algorithm"], string>>;

/** One half, as Python sees it. */
interface ExpectedHalf {
  /** From 0; of CIFAR the columns of labels before the images. */
  readonly labels: readonly number[] | readonly (readonly number[])[];
  /** Of the images row after row, the channels of a pixel together. */
  readonly imagesSha256: string;
}

interface ExpectedSet extends Readonly<Record<"train" | "test", ExpectedHalf>> {
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly packedBytes?: number;
    readonly gzip?: Digests;
    readonly content: Digests;
  }[];
  readonly archive?: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

const expected = JSON.parse(readFileSync(join("test", "oracle", "known-sets.json"), "utf8")) as Readonly<
  Record<string, ExpectedSet>
>;

/** Those that files were written for. */
export const knownNames = [
  "kmnist",
  "qmnist",
  "emnist-letters",
  "emnist-balanced",
  "emnist-byclass",
  "emnist-digits",
  "cifar-10",
  "cifar-100",
  "cifar-100-coarse",
] as const;
export type KnownName = (typeof knownNames)[number];

/** What Python put into a data set; which of CIFAR's labels is meant, the name says. */
export function expectedHalf(
  name: KnownName,
  half: "train" | "test",
): { labels: number[]; imagesSha256: string } {
  const { labels, imagesSha256 } = setOf(name)[half];
  const column = name === "cifar-100" ? 1 : 0;
  const meant = typeof labels[0] === "number" ? labels : labels[column];
  return { labels: [...(meant as readonly number[])], imagesSha256 };
}

/** The catalogue's own description, format and all, of the few images that were written. */
export function smallKnownSet(name: KnownName, changes: Partial<FileDataset> = {}): FileDataset {
  const official: FileDataset = datasets[name];
  const { files, archive } = setOf(name);
  const small = (file: DataFile): DataFile => {
    const { bytes, packedBytes, gzip, content } = files.find((each) => each.name === file.name)!;
    const { algorithm, of } = file.digest;
    const hex = of === "gzip" ? gzip![algorithm] : content[algorithm];
    return { ...file, bytes, packedBytes: file.packedBytes && packedBytes, digest: { algorithm, of, hex } };
  };
  return {
    ...official,
    files: { train: official.files.train.map(small), test: official.files.test.map(small) },
    archive: official.archive && { ...official.archive, ...archive! },
    mirrors: [],
    ...changes,
  };
}

/** Copies the files or the archive of a data set into a folder. */
export function copyKnownSet(name: KnownName, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { archive } = smallKnownSet(name);
  const from = join(knownSetsFolder, archive?.name ?? name);
  cpSync(from, archive === undefined ? folder : join(folder, archive.name), { recursive: true });
}

/** Writes EMNIST's files one by one, as they lie in the archive or unpacked. */
export function unpackEmnist(folder: string, packing: "gzip" | "plain"): void {
  mkdirSync(folder, { recursive: true });
  const members = unzipSync(new Uint8Array(readFileSync(join(knownSetsFolder, "gzip.zip"))));
  for (const [path, content] of Object.entries(members)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (packing === "gzip" || !name.endsWith(".gz")) writeFileSync(join(folder, name), content);
    else writeFileSync(join(folder, name.replace(/\.gz$/, "")), gunzipSync(content));
  }
}

function setOf(name: KnownName): ExpectedSet {
  return expected[name === "cifar-100-coarse" ? "cifar-100" : name]!;
}
