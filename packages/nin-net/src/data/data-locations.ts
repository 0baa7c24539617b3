/** Where data sets are looked for on disk. */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import envPaths from "env-paths";
import { DataError } from "../core/errors.ts";
import { type CatalogueEntry, type FiledDatasetName, type FileRole, fileRoles } from "./catalogue.ts";

/** Who named a folder. */
export type DataOrigin = "dataDir" | "NIN_DATA_DIR" | "cache";

/** A folder in which a data set may lie. */
export interface DataLocation {
  readonly origin: DataOrigin;
  /** The folder that was named; it may hold several data sets. */
  readonly root: string;
  /** The data set's own folder in it. */
  readonly folder: string;
}

/** Folders that replace the usual ones. */
export interface LocationOptions {
  /** A folder that holds one folder a data set, or is itself named after the data set; nothing else is searched. */
  readonly dataDir?: string | undefined;
  /** Where downloads are kept; default: the user's cache folder. */
  readonly cacheDir?: string | undefined;
}

/** The folders to look in for a data set, in this order: `dataDir` alone, or `$NIN_DATA_DIR`, then the cache. */
export function dataLocations(name: FiledDatasetName, options: LocationOptions = {}): DataLocation[] {
  if (options.dataDir !== undefined) return [place("dataDir", options.dataDir, name)];
  const fromEnvironment = process.env.NIN_DATA_DIR;
  const places = fromEnvironment ? [place("NIN_DATA_DIR", fromEnvironment, name)] : [];
  return [...places, cacheLocation(name, options.cacheDir)];
}

/** The place downloads go to. */
export function cacheLocation(name: FiledDatasetName, cacheDir?: string): DataLocation {
  return place("cache", cacheDir ?? envPaths("nin-net", { suffix: "" }).cache, name);
}

function place(origin: DataOrigin, root: string, name: string): DataLocation {
  const absolute = resolve(root);
  return { origin, root: absolute, folder: basename(absolute) === name ? absolute : join(absolute, name) };
}

/** A data file on disk. */
export interface FoundFile {
  readonly path: string;
  /** Length on disk, packed or not. */
  readonly bytes: number;
}

/** The files of a data set that lie in its folder; null where there is none. */
export type FoundFiles = Readonly<Record<FileRole, FoundFile | null>>;

/**
 * Looks for the four files, each packed (`.gz`) or plain.
 *
 * @throws DataError if the folder may not be read
 */
export async function findFiles(entry: CatalogueEntry, folder: string): Promise<FoundFiles> {
  const found: Record<FileRole, FoundFile | null> = {
    trainImages: null,
    trainLabels: null,
    testImages: null,
    testLabels: null,
  };
  for (const role of fileRoles) {
    const plain = join(folder, entry.files[role].name);
    found[role] = (await findFile(`${plain}.gz`)) ?? (await findFile(plain));
  }
  return found;
}

/** The roles of the files that are not there. */
export function missingRoles(found: FoundFiles): FileRole[] {
  return fileRoles.filter((role) => found[role] === null);
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
