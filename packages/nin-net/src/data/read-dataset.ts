/** Reads a data set out of its files. */
import { createHash } from "node:crypto";
import { DataError } from "../core/errors.ts";
import { readArchive } from "./archives/read-archive.ts";
import type { LocatedFiles } from "./data-locations.ts";
import type { Dataset } from "./dataset.ts";
import { type DataFile, type FileDataset, filesOf } from "./definition.ts";
import { readDataFile, type UnpackedFile, unpackDataFile } from "./formats/read-data-file.ts";
import { digestOf, isOfficial, verifyContent } from "./official-content.ts";

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
  const { files, archiveBytes } = await readFiles(definition, located);
  const half = (which: "train" | "test") =>
    format.split(
      definition.files[which].map((file) => files.get(file)!),
      image,
    );
  const [train, test] = [half("train"), half("test")];
  const isVerified = verify && verifyFiles(definition, files, archiveBytes);
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

/** The files of a data set, in its order, and the archive that they come from. */
interface ReadFiles {
  readonly files: ReadonlyMap<DataFile, UnpackedFile>;
  readonly archiveBytes: Uint8Array | null;
}

async function readFiles(
  definition: FileDataset,
  { folder, found, archive }: LocatedFiles,
): Promise<ReadFiles> {
  const { format, image } = definition;
  const opened = archive === null ? null : await readArchive(archive.path, definition, definition.archive!);
  const read = async (file: DataFile): Promise<readonly [DataFile, UnpackedFile]> => {
    const expected = { place: placeOf(definition, file), bytes: file.bytes, image };
    if (opened !== null) {
      const { where, stored } = opened.members.get(file)!;
      return [file, await unpackDataFile(stored, format, { ...expected, where })];
    }
    const path = found.get(file)?.path;
    if (path === undefined)
      throw new DataError(`${folder}: ${file.name} is missing, expected it there. Put it there.`);
    return [file, await readDataFile(path, format, expected)];
  };
  const files = new Map(await Promise.all(filesOf(definition).map(read)));
  return { files, archiveBytes: opened?.bytes ?? null };
}

/** Its place among the files of its half. */
export function placeOf({ files }: FileDataset, file: DataFile): number {
  return Math.max(files.train.indexOf(file), files.test.indexOf(file));
}

/**
 * @returns whether there were digests to compare all files with
 * @throws DataError if a file is not the official one, nor the archive that it comes from
 */
function verifyFiles(
  { title, archive }: FileDataset,
  files: ReadonlyMap<DataFile, UnpackedFile>,
  archiveBytes: Uint8Array | null,
): boolean {
  const entries = [...files];
  const wrong = entries.find(([file, content]) => !isOfficial(file, content));
  if (wrong !== undefined) {
    if (archiveBytes !== null && digestOf("sha256", archiveBytes) === archive!.sha256) return true;
    const [file, content] = wrong;
    verifyContent(content, file, title);
  }
  return entries.every(([{ digest }, { packed }]) => digest.of === "content" || packed !== null);
}
