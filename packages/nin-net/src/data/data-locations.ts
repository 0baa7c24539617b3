/** Where data sets are looked for on disk. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { DataError } from "../core/errors.ts";
import { type FileDataset, type FileRole, fileRoles } from "./definition.ts";
import { readIdxFile, sha256Of } from "./formats/read-idx-file.ts";

/** Who named a folder. */
export type DataOrigin = "dataDir" | "NIN_DATA_DIR" | "cache";

/** A folder in which a data set may lie. */
export interface DataLocation {
  readonly origin: DataOrigin;
  /** The folder that was named; it may hold several data sets. */
  readonly root: string;
  /** The data set's own folder in it. */
  readonly folder: string;
  /** Other folders that may hold it: torchvision's, and the root itself, which may hold another data set's files. */
  readonly others: readonly string[];
}

/** Folders that replace the usual ones. */
export interface LocationOptions {
  /** A folder that holds one folder a data set, or the files of one; nothing else is searched. */
  readonly dataDir?: string | undefined;
  /** Where downloads are kept; default: the user's cache folder. */
  readonly cacheDir?: string | undefined;
}

/**
 * The folders to look in for a data set, in this order: `dataDir` alone, or `$NIN_DATA_DIR`, then the cache.
 *
 * @throws DataError as {@link cacheLocation}, once the cache is asked for
 */
export function* dataLocations(
  definition: FileDataset,
  { dataDir, cacheDir }: LocationOptions = {},
): Generator<DataLocation, void, undefined> {
  if (dataDir !== undefined) {
    yield locationIn("dataDir", dataDir, definition);
    return;
  }
  const fromEnvironment = process.env.NIN_DATA_DIR;
  if (fromEnvironment) yield locationIn("NIN_DATA_DIR", fromEnvironment, definition);
  yield cacheLocation(definition, cacheDir);
}

/**
 * The place downloads go to.
 *
 * @throws DataError if the user has no cache folder
 */
export function cacheLocation(definition: FileDataset, cacheDir = cacheFolder()): DataLocation {
  return locationIn("cache", cacheDir, definition);
}

/**
 * The user's cache folder for this package: `nin-net` in `$XDG_CACHE_HOME`, or where the system keeps caches.
 *
 * @throws DataError if the system knows no home folder of the user, and no cache folder is named
 */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "nin-net");
  const home = homeFolder();
  switch (process.platform) {
    case "darwin":
      return join(home, "Library", "Caches", "nin-net");
    case "win32":
      return join(LOCALAPPDATA || join(home, "AppData", "Local"), "nin-net", "Cache");
    default:
      return join(home, ".cache", "nin-net");
  }
}

function homeFolder(): string {
  let cause: unknown;
  try {
    const home = homedir();
    // HOME may be set to nothing; a cache in the current folder is not what anyone means by that.
    if (home !== "") return home;
  } catch (error) {
    cause = error;
  }
  throw new DataError(
    "The user has no home folder in which downloads could be kept. Name a cache folder with XDG_CACHE_HOME, or a " +
      "folder that holds the data with NIN_DATA_DIR.",
    { cause },
  );
}

function locationIn(origin: DataOrigin, root: string, { name, folders = [] }: FileDataset): DataLocation {
  const absolute = resolve(root);
  const others = folders.map((folder) => join(absolute, folder));
  if (basename(absolute) === name) return { origin, root: absolute, folder: absolute, others };
  // Named down to the folder that torchvision makes, or to the one of the files.
  const raw = folders.map((folder) => join(absolute, basename(folder)));
  return {
    origin,
    root: absolute,
    folder: join(absolute, name),
    others: [...new Set([...others, ...raw, absolute])],
  };
}

/** A data file on disk. */
export interface FoundFile {
  readonly path: string;
  /** Length on disk, packed or not. */
  readonly bytes: number;
}

/** The files of a data set that lie in its folder; null where there is none. */
export type FoundFiles = Readonly<Record<FileRole, FoundFile | null>>;

/** Four files that are named as a data set's but are not its own. */
export interface OtherContent {
  readonly folder: string;
  /** Of the test labels, SHA-256 in hex; null: they could not be read. */
  readonly sha256: string | null;
}

/** What a location holds of a data set. */
export interface LocatedFiles {
  /** The folder in which the files lie, or, where there are none, the data set's own. */
  readonly folder: string;
  readonly found: FoundFiles;
  readonly missing: readonly FileRole[];
  /** A folder whose four files have the data set's names but other contents. */
  readonly otherContent: OtherContent | null;
}

/**
 * Looks for the four files in the folders of a location: the data set's own first, then others that hold its contents.
 *
 * @param verify - whether the files of other folders must have the official contents: several data sets have files of
 *   the same names
 * @throws DataError if a folder may not be read
 */
export async function locateFiles(
  definition: FileDataset,
  { folder, others }: DataLocation,
  verify = true,
): Promise<LocatedFiles> {
  const own = await filesIn(definition, folder);
  if (own.missing.length < fileRoles.length) return { ...own, otherContent: null };
  let partial: Omit<LocatedFiles, "otherContent"> | undefined;
  let otherContent: OtherContent | null = null;
  for (const other of others) {
    const files = await filesIn(definition, other);
    if (files.missing.length > 0) {
      if (files.missing.length < fileRoles.length) partial ??= files;
      continue;
    }
    const sha256 = await testLabelsDigest(files.found);
    if (!verify || sha256 === definition.files.testLabels.sha256) return { ...files, otherContent };
    otherContent ??= { folder: other, sha256 };
  }
  return { ...(otherContent === null && partial ? partial : own), otherContent };
}

async function filesIn(definition: FileDataset, folder: string): Promise<Omit<LocatedFiles, "otherContent">> {
  const found: Record<FileRole, FoundFile | null> = {
    trainImages: null,
    trainLabels: null,
    testImages: null,
    testLabels: null,
  };
  for (const role of fileRoles) found[role] = await findFirst(folder, namesOf(definition.files[role].name));
  return { folder, found, missing: fileRoles.filter((role) => found[role] === null) };
}

/** `train-images-idx3-ubyte` is `train-images.idx3-ubyte` in some copies. */
function namesOf(name: string): string[] {
  const dotted = name.replace("-idx", ".idx");
  return [`${name}.gz`, name, `${dotted}.gz`, dotted];
}

/** The smallest of the four files tells which data set they are; the others are verified when they are read. */
async function testLabelsDigest({ testLabels }: FoundFiles): Promise<string | null> {
  if (testLabels === null) return null;
  try {
    return sha256Of((await readIdxFile(testLabels.path, "labels")).bytes);
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
}

async function findFirst(folder: string, names: readonly string[]): Promise<FoundFile | null> {
  for (const name of names) {
    const found = await findFile(join(folder, name));
    if (found !== null) return found;
  }
  return null;
}

async function findFile(path: string): Promise<FoundFile | null> {
  try {
    const stats = await stat(path);
    return { path, bytes: stats.size };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new DataError(
      `${path}: cannot be read (${code}). Check the permissions of the file and its folder.`,
    );
  }
}

/** Whether a folder is there. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
