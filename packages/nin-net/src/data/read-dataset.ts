/** Reads a data set out of its four files. */
import { createHash } from "node:crypto";
import { DataError } from "../core/errors.ts";
import {
  type CatalogueEntry,
  type CatalogueFile,
  type FiledDatasetName,
  type FileRole,
  fileRoles,
} from "./catalogue.ts";
import type { Dataset } from "./dataset.ts";
import { type IdxKind, type NamedBytes, parseSplit } from "./idx.ts";
import { readIdxFile } from "./read-idx-file.ts";

/** What {@link readDataset} reads. */
export interface DatasetFiles {
  readonly name: FiledDatasetName;
  readonly entry: CatalogueEntry;
  readonly folder: string;
  readonly paths: Readonly<Record<FileRole, string>>;
}

/**
 * Reads, checks and, unless told otherwise, verifies the four files.
 *
 * @param verify - whether the contents must be the official ones
 * @throws DataError that names the file: unreadable, cut short, damaged, of the wrong kind, not belonging together,
 *   labels out of range, or not the official content
 */
export async function readDataset(
  { name, entry, folder, paths }: DatasetFiles,
  verify: boolean,
): Promise<Dataset> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readIdxFile(paths.trainImages, "images"),
    readIdxFile(paths.trainLabels, "labels"),
    readIdxFile(paths.testImages, "images"),
    readIdxFile(paths.testLabels, "labels"),
  ]);
  const train = parseSplit(trainImages, trainLabels);
  const test = parseSplit(testImages, testLabels);
  const files = { trainImages, trainLabels, testImages, testLabels };
  if (verify) {
    for (const role of fileRoles) verifyContent(files[role], entry.files[role], entry.title);
  }
  const whole = createHash("sha256");
  for (const role of fileRoles) whole.update(files[role].bytes);
  return {
    name,
    title: entry.title,
    classes: entry.classes,
    train,
    test,
    source: folder,
    checksum: whole.digest("hex"),
  };
}

/** Which kind of idx file plays a role. */
export function idxKind(role: FileRole): IdxKind {
  return role === "trainImages" || role === "testImages" ? "images" : "labels";
}

/** @throws DataError if the content is not the catalogue's */
function verifyContent({ where, bytes }: NamedBytes, expected: CatalogueFile, title: string): void {
  const sha256 = sha256Of(bytes);
  if (sha256 !== expected.sha256) {
    throw new DataError(
      `${where}: got content with SHA-256 ${sha256}, expected ${expected.sha256}, the official ${title}. ` +
        "Copy or download the file again; if it is data of your own, switch this check off with --no-verify " +
        "(in code: verify: false).",
    );
  }
}

/** SHA-256 in hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
