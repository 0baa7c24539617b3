/** A small data set with a description of its own, written into a temporary folder. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fashionMnist } from "#nin-net/data/datasets/fashion-mnist.js";
import { syntheticSplit } from "#nin-net/data/datasets/synthetic.js";
import { type DataFile, type FileDataset, filesOf } from "#nin-net/data/definition.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";

/** The four files of a data set in MNIST's format, in their order. */
export const fileRoles = ["trainImages", "trainLabels", "testImages", "testLabels"] as const;
export type FileRole = (typeof fileRoles)[number];

/** What they are called. */
export const fileNames = Object.fromEntries(
  filesOf(fashionMnist).map(({ name }, index) => [fileRoles[index]!, name]),
) as Readonly<Record<FileRole, string>>;

export const trainSplit = syntheticSplit(1, 0, 20);
export const testSplit = syntheticSplit(1, 1, 10);

/** The four unpacked files. */
export const contents: Readonly<Record<FileRole, Uint8Array>> = {
  trainImages: encodeIdx(trainSplit.images, "images", { height: 28, width: 28 }),
  trainLabels: encodeIdx(trainSplit.labels, "labels"),
  testImages: encodeIdx(testSplit.images, "images", { height: 28, width: 28 }),
  testLabels: encodeIdx(testSplit.labels, "labels"),
};

/** A description of {@link contents}, to be fetched from these addresses. */
export function smallEntry(mirrors: readonly string[] = []): FileDataset {
  return entryFor(contents, mirrors);
}

/** A description of any four unpacked files. */
export function entryFor(
  files: Readonly<Record<FileRole, Uint8Array>>,
  mirrors: readonly string[] = [],
): FileDataset {
  const official = fashionMnist;
  const describe = (role: FileRole): DataFile => ({
    name: fileNames[role],
    packedBytes: gzipSync(files[role]).length,
    bytes: files[role].length,
    digest: {
      algorithm: "sha256",
      of: "content",
      hex: createHash("sha256").update(files[role]).digest("hex"),
    },
  });
  return {
    ...official,
    title: "Small Fashion",
    files: {
      train: [describe("trainImages"), describe("trainLabels")],
      test: [describe("testImages"), describe("testLabels")],
    },
    mirrors,
    standIn: undefined,
  };
}

/** A temporary folder, deleted with its content at the end of its scope. */
export class TemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "nin-data-"));

  /** Writes the small data set into a folder of its own, packed; `changes` replaces files on disk or leaves them out. */
  writeDataset(name: string, changes: Partial<Record<FileRole, Uint8Array | null>> = {}): string {
    const folder = join(this.path, name);
    mkdirSync(folder, { recursive: true });
    for (const [role, content] of Object.entries(contents) as [FileRole, Uint8Array][]) {
      const stored = changes[role] === undefined ? gzipSync(content) : changes[role];
      if (stored) writeFileSync(join(folder, `${fileNames[role]}.gz`), stored);
    }
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs with NIN_DATA_DIR set, or unset for undefined, then puts it back. */
export async function withDataDir<T>(value: string | undefined, work: () => Promise<T>): Promise<T> {
  const before = process.env.NIN_DATA_DIR;
  setDataDir(value);
  try {
    return await work();
  } finally {
    setDataDir(before);
  }
}

function setDataDir(value: string | undefined): void {
  if (value === undefined) delete process.env.NIN_DATA_DIR;
  else process.env.NIN_DATA_DIR = value;
}
