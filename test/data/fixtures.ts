/** A small data set with a catalogue of its own, written into a temporary folder. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  type CatalogueEntry,
  type CatalogueFile,
  catalogue,
  type FileRole,
} from "#nin-net/data/catalogue.js";
import { drawSplit } from "#nin-net/data/drawn.js";
import { encodeIdx } from "#nin-net/data/idx.js";

export const trainSplit = drawSplit(1, 0, 20);
export const testSplit = drawSplit(1, 1, 10);

/** The four unpacked files. */
export const contents: Readonly<Record<FileRole, Uint8Array>> = {
  trainImages: encodeIdx(trainSplit.images, "images"),
  trainLabels: encodeIdx(trainSplit.labels, "labels"),
  testImages: encodeIdx(testSplit.images, "images"),
  testLabels: encodeIdx(testSplit.labels, "labels"),
};

/** A catalogue entry for {@link contents}, to be fetched from these addresses. */
export function smallEntry(mirrors: readonly string[] = []): CatalogueEntry {
  return entryFor(contents, mirrors);
}

/** A catalogue entry for any four unpacked files. */
export function entryFor(
  files: Readonly<Record<FileRole, Uint8Array>>,
  mirrors: readonly string[] = [],
): CatalogueEntry {
  const official = catalogue["fashion-mnist"];
  const describe = (role: FileRole): CatalogueFile => ({
    name: official.files[role].name,
    packedBytes: gzipSync(files[role]).length,
    bytes: files[role].length,
    sha256: createHash("sha256").update(files[role]).digest("hex"),
  });
  return {
    title: "Small Fashion",
    classes: official.classes,
    preparation: official.preparation,
    files: {
      trainImages: describe("trainImages"),
      trainLabels: describe("trainLabels"),
      testImages: describe("testImages"),
      testLabels: describe("testLabels"),
    },
    mirrors,
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
      if (stored) writeFileSync(join(folder, `${catalogue["fashion-mnist"].files[role].name}.gz`), stored);
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
