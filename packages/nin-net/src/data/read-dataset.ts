/** Reads a data set out of its files. */
import { createHash } from "node:crypto";
import { DataError } from "../core/errors.ts";
import { readArchive } from "./archives/read-archive.ts";
import type { FoundFile, LocatedFiles } from "./data-locations.ts";
import type { Dataset } from "./dataset.ts";
import { type DataFile, type FileDataset, filesOf } from "./definition.ts";
import { readDataFile, type UnpackedFile, unpackDataFile } from "./formats/read-data-file.ts";
import { isOfficial, sha256OfFile, verifyContent } from "./official-content.ts";

/** A data set, and whether its files were compared with published digests, and are the official ones. */
export interface ReadDataset {
  readonly dataset: Dataset;
  readonly isVerified: boolean;
}

/**
 * Reads, checks and, unless told otherwise, verifies the files of a data set, all of which were found.
 *
 * @param verify - whether the contents must be the official ones, as far as there are digests to tell
 * @throws DataError that names the file: missing, unreadable, cut short, damaged, of the wrong kind, not belonging
 *   together, labels out of range, or not the official content
 */
export async function readDataset(
  definition: FileDataset,
  located: LocatedFiles,
  verify: boolean,
): Promise<ReadDataset> {
  const { name, title, image, classes, mean, std, format } = definition;
  const files = await readFiles(definition, located);
  const half = (which: "train" | "test") =>
    format.split(
      definition.files[which].map((file) => files.get(file)!),
      image,
    );
  const [train, test] = [half("train"), half("test")];
  const isVerified = verify && (await verifyFiles(definition, files, located.archive));
  const whole = createHash("sha256");
  for (const { bytes } of files.values()) whole.update(bytes);
  const dataset: Dataset = {
    name,
    title,
    image,
    classes,
    mean,
    std,
    synthetic: false,
    train,
    test,
    source: located.folder,
    checksum: whole.digest("hex"),
  };
  return { dataset, isVerified };
}

/** The files of a data set, in its order. */
async function readFiles(
  definition: FileDataset,
  { folder, found, archive }: LocatedFiles,
): Promise<ReadonlyMap<DataFile, UnpackedFile>> {
  const { format, image } = definition;
  const members = archive === null ? null : await readArchive(archive.path, definition, definition.archive!);
  const read = async (file: DataFile): Promise<readonly [DataFile, UnpackedFile]> => {
    const expected = { place: placeOf(definition, file), bytes: file.bytes, image };
    if (members !== null) {
      const { where, stored } = members.get(file)!;
      return [file, await unpackDataFile(stored, format, { ...expected, where })];
    }
    const path = found.get(file)?.path;
    if (path === undefined) {
      throw new DataError(`${folder}: ${file.name} is missing, expected it there. Put it there.`);
    }
    return [file, await readDataFile(path, format, expected)];
  };
  return new Map(await Promise.all(filesOf(definition).map(read)));
}

/** Its place among the files of its half. */
export function placeOf({ files }: FileDataset, file: DataFile): number {
  return Math.max(files.train.indexOf(file), files.test.indexOf(file));
}

/**
 * @returns whether there were digests to compare all files with
 * @throws DataError if a file is not the official one, nor the archive that it comes from
 */
async function verifyFiles(
  { title, archive }: FileDataset,
  files: ReadonlyMap<DataFile, UnpackedFile>,
  foundArchive: FoundFile | null,
): Promise<boolean> {
  const entries = [...files];
  const wrong = entries.find(([file, content]) => !isOfficial(file, content));
  if (wrong !== undefined) {
    if (foundArchive !== null && (await sha256OfFile(foundArchive.path)) === archive!.sha256) return true;
    const [file, content] = wrong;
    verifyContent(content, file, title);
  }
  return entries.every(([{ digest }, { packed }]) => digest.of === "content" || packed !== null);
}
