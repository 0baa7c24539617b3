/** Where data sets are looked for on disk. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve, sep } from "node:path";
import { DataError } from "../core/errors.ts";
import { systemReason } from "../core/system-reason.ts";
import { type DataFile, type DatasetDefinition, type FileDataset, filesOf } from "./definition.ts";
import { readDataFile } from "./formats/read-data-file.ts";
import { comparableDigest, isNameShared, isOfficial, ownerOf, signFile } from "./official-content.ts";

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

function locationIn(origin: DataOrigin, root: string, definition: FileDataset): DataLocation {
  const { name, folder = name, folders = [], archive } = definition;
  const absolute = resolve(root);
  const unpacked = archive === undefined ? [] : [archive.folder];
  const below = [...unpacked, ...folders].map((other) => join(absolute, other));
  if (basename(absolute) === folder) return { origin, root: absolute, folder: absolute, others: below };
  const own = join(absolute, folder);
  const inOwn = unpacked.map((other) => join(own, other));
  // Named down to the folder that torchvision makes, or to the one of the files.
  const raw = folders.map((other) => join(absolute, basename(other)));
  const others = new Set([...inOwn, ...below, join(absolute, name), ...raw, absolute]);
  others.delete(own);
  return { origin, root: absolute, folder: own, others: [...others] };
}

/** A data file on disk. */
export interface FoundFile {
  /** The whole path. */
  readonly path: string;
  /** Length on disk, packed or not. */
  readonly bytes: number;
}

/** Files that are named as a data set's but are not known to be its own. */
export interface OtherContent {
  readonly folder: string;
  /** The data set of the registry that they belong to; null: none. */
  readonly owner: DatasetDefinition | null;
  /** Whether they could be its own: there is no digest to tell. */
  readonly isPossible: boolean;
}

/** What a location holds of a data set. */
export interface LocatedFiles {
  /** The folder in which the files lie, or, where there are none, the data set's own. */
  readonly folder: string;
  /** Those that lie there as files of their own. */
  readonly found: ReadonlyMap<DataFile, FoundFile>;
  /** The archive that all of them are taken from. */
  readonly archive: FoundFile | null;
  /** What is in neither. */
  readonly missing: readonly DataFile[];
  /** A folder whose files have the data set's names but other contents. */
  readonly otherContent: OtherContent | null;
  /** Where nothing is found: a sentence on a form of it that lies there and is not read. */
  readonly otherForm: string | null;
}

type FilesInFolder = Pick<LocatedFiles, "folder" | "found" | "archive" | "missing">;

/**
 * Looks for the files in the folders of a location: the data set's own first, then others that hold its contents.
 *
 * @param verify - whether the files of other folders must have the official contents: several data sets have files of
 *   the same names
 * @throws DataError if a folder may not be read
 */
export async function locateFiles(
  definition: FileDataset,
  location: DataLocation,
  verify = true,
): Promise<LocatedFiles> {
  const own = await filesIn(definition, location.folder);
  if (holdsAny(own)) return { ...own, otherContent: null, otherForm: null };
  let partial: FilesInFolder | undefined;
  let otherContent: OtherContent | null = null;
  for (const other of location.others) {
    const files = await filesIn(definition, other);
    if (files.missing.length > 0) {
      if (holdsAny(files)) partial ??= files;
      continue;
    }
    // What lies in an archive is compared when it is read.
    const content = verify && files.archive === null ? await foreignContent(definition, files) : null;
    if (content === null) return { ...files, otherContent, otherForm: null };
    otherContent ??= content;
  }
  if (otherContent === null && partial) return { ...partial, otherContent, otherForm: null };
  return { ...own, otherContent, otherForm: await otherFormIn(definition, location) };
}

/** Whether a folder holds any of the files. */
export function holdsAny({ found, archive }: Pick<LocatedFiles, "found" | "archive">): boolean {
  return found.size > 0 || archive !== null;
}

async function filesIn(definition: FileDataset, folder: string): Promise<FilesInFolder> {
  const found = new Map<DataFile, FoundFile>();
  const files = filesOf(definition);
  for (const file of files) {
    const first = await findFirst(folder, namesOf(file.name));
    if (first !== null) found.set(file, first);
  }
  const missing = files.filter((file) => !found.has(file));
  // Unpacked files that cannot be compared with a digest give way to an archive that can.
  const isWhole = missing.length === 0 && [...found].every(([file, { path }]) => isComparable(file, path));
  if (definition.archive !== undefined && !isWhole) {
    const archive = await findFile(join(folder, definition.archive.name));
    if (archive !== null) return { folder, found: new Map(), archive, missing: [] };
  }
  return { folder, found, archive: null, missing };
}

/** `train-images-idx3-ubyte` is `train-images.idx3-ubyte` in some copies. */
function namesOf(name: string): string[] {
  const dotted = name.replace("-idx", ".idx");
  return [...new Set([`${name}.gz`, name, `${dotted}.gz`, dotted])];
}

function isComparable({ digest }: DataFile, path: string): boolean {
  return digest.of === "content" || path.endsWith(".gz");
}

/** One file tells which data set they are; the others are verified when they are read. */
async function foreignContent(
  definition: FileDataset,
  { folder, found }: FilesInFolder,
): Promise<OtherContent | null> {
  const { files, format, image } = definition;
  const file = signFile(definition);
  const expected = { place: files.test.indexOf(file), bytes: file.bytes, image };
  try {
    const sign = await readDataFile(found.get(file)!.path, format, expected);
    const owner = ownerOf(sign) ?? null;
    const isPossible = isOfficial(file, sign) && owner === null;
    const isKnown = comparableDigest(file.digest, sign) !== null;
    if (isKnown ? isOfficial(file, sign) : isPossible && isItsPlace(definition, folder)) return null;
    return { folder, owner, isPossible };
  } catch (error) {
    if (error instanceof DataError) return { folder, owner: null, isPossible: false };
    throw error;
  }
}

/** Whether files in a folder are a data set's own by their names, its file's or the folder's. */
function isItsPlace(definition: FileDataset, folder: string): boolean {
  const { name, folders = [] } = definition;
  return (
    !isNameShared(signFile(definition)) || [name, ...folders].some((own) => folder.endsWith(join(sep, own)))
  );
}

/** A sentence on what lies there and is not read, without its full stop. */
async function otherFormIn(
  { otherForms = [] }: FileDataset,
  { root, folder, others }: DataLocation,
): Promise<string | null> {
  for (const { names, what } of otherForms) {
    for (const place of new Set([root, folder, ...others])) {
      const found = await findFirst(place, names);
      if (found !== null) return `${found.path} holds ${what}, which is not read here`;
    }
  }
  return null;
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
      `${path}: cannot be read: ${systemReason(error)}. Check the permissions of the file and its folder.`,
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
