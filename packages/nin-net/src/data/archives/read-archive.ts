/** Reads the files of a data set out of the archive that its authors publish. */
import { DataError } from "../../core/errors.ts";
import { type DataArchive, type DataFile, type FileDataset, filesOf } from "../definition.ts";
import { gunzipInto, readStored } from "../formats/read-data-file.ts";
import { tarMembers } from "./tar.ts";
import { unzipMembers } from "./zip.ts";

/** What an archive may hold beside the files of a data set: lists of names, a page that explains. */
const restBytes = 1 << 20;

/** A file as it lies in an archive, packed with gzip or plain. */
export interface StoredMember {
  /** The archive and the file in it, for errors. */
  readonly where: string;
  readonly stored: Uint8Array;
}

/**
 * Reads the files of a data set; in memory, nothing is written.
 *
 * @param path - also the name that errors give
 * @throws DataError if it cannot be read, is damaged, holds more than it should, or lacks a file
 */
export async function readArchive(
  path: string,
  definition: FileDataset,
  archive: DataArchive,
): Promise<ReadonlyMap<DataFile, StoredMember>> {
  const files = filesOf(definition);
  const found = await membersOf[archive.format](await readStored(path), path, files);
  const members = new Map<DataFile, StoredMember>();
  for (const file of files) {
    const name = [...found.keys()].find((each) => fileNamed(each, [file]) !== undefined);
    if (name === undefined) {
      throw new DataError(
        `${path}: ${file.name} is missing in it, expected the ${archive.name} of ${definition.title}. Download it again.`,
      );
    }
    members.set(file, { where: `${path}, ${name}`, stored: found.get(name)! });
  }
  return members;
}

type Members = ReadonlyMap<string, Uint8Array>;

const membersOf: Readonly<
  Record<
    DataArchive["format"],
    (bytes: Uint8Array, where: string, files: readonly DataFile[]) => Members | Promise<Members>
  >
> = {
  zip: (bytes, where, files) =>
    unzipMembers(bytes, where, (name) => {
      const file = fileNamed(name, files);
      return file === undefined ? null : mostStored(file);
    }),
  "tar.gz": async (bytes, where, files) => {
    const most = files.reduce((sum, file) => sum + mostStored(file), restBytes);
    const tar = await gunzipInto(bytes, most, {
      where,
      what: "a tar archive",
      tooLong: "the files in it should have",
    });
    const members = new Map<string, Uint8Array>();
    for (const { name, content } of tarMembers(tar, where)) {
      if (fileNamed(name, files) !== undefined) members.set(name, content);
    }
    return members;
  },
};

/** The file that a name in an archive, with its folders, means. */
function fileNamed(name: string, files: readonly DataFile[]): DataFile | undefined {
  const base = name.slice(name.lastIndexOf("/") + 1).replace(/\.gz$/, "");
  return files.find((file) => file.name === base);
}

/** Packed with gzip, what cannot be packed grows a little. */
function mostStored({ bytes }: DataFile): number {
  return bytes + (bytes >> 8) + 4096;
}
