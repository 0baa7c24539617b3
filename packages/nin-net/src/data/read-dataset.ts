/** Reads a data set out of its four files. */
import { createHash } from "node:crypto";
import { DataError } from "../core/errors.ts";
import type { Dataset } from "./dataset.ts";
import { type DataFile, type FileDataset, type FileRole, fileRoles } from "./definition.ts";
import { type IdxKind, type NamedBytes, parseSplit } from "./formats/idx.ts";
import { readIdxFile, sha256Of } from "./formats/read-idx-file.ts";

/** What {@link readDataset} reads. */
export interface DatasetFiles {
  readonly definition: FileDataset;
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
  { definition, folder, paths }: DatasetFiles,
  verify: boolean,
): Promise<Dataset> {
  const { name, title, image, classes, mean, std } = definition;
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readIdxFile(paths.trainImages, "images", image),
    readIdxFile(paths.trainLabels, "labels"),
    readIdxFile(paths.testImages, "images", image),
    readIdxFile(paths.testLabels, "labels"),
  ]);
  const train = parseSplit(trainImages, trainLabels, image);
  const test = parseSplit(testImages, testLabels, image);
  const files = { trainImages, trainLabels, testImages, testLabels };
  if (verify) {
    for (const role of fileRoles) verifyContent(files[role], definition.files[role], title);
  }
  const whole = createHash("sha256");
  for (const role of fileRoles) whole.update(files[role].bytes);
  return {
    name,
    title,
    image,
    classes,
    mean,
    std,
    synthetic: false,
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

/** @throws DataError if the content is not the official one */
function verifyContent({ where, bytes }: NamedBytes, expected: DataFile, title: string): void {
  const sha256 = sha256Of(bytes);
  if (sha256 !== expected.sha256) {
    throw new DataError(
      `${where}: got content with SHA-256 ${sha256}, expected ${expected.sha256}, the official ${title}. ` +
        "Copy or download the file again; if it is data of your own, switch this check off with --no-verify " +
        "(in code: verify: false).",
    );
  }
}
