import { DataError } from "../core/errors.ts";
import {
  type CatalogueEntry,
  catalogue,
  type FiledDatasetName,
  type FileRole,
  fileRoles,
} from "./catalogue.ts";
import {
  cacheLocation,
  type DataLocation,
  dataLocations,
  type FoundFiles,
  findFiles,
  isFolder,
  type LocationOptions,
  missingRoles,
} from "./data-locations.ts";
import { type Dataset, type DatasetName, datasetNames } from "./dataset.ts";
import { DatasetUnavailableError } from "./dataset-unavailable-error.ts";
import { type DownloadOptions, downloadFiles } from "./download-files.ts";
import { drawDataset } from "./drawn.ts";
import { readDataset } from "./read-dataset.ts";

/** How {@link loadDataset} finds and checks a data set. */
export interface LoadOptions extends LocationOptions, DownloadOptions {
  /** Whether what is found nowhere is downloaded into the cache folder; default: true. */
  readonly download?: boolean | undefined;
  /** Whether contents must be the official ones; switch off for data of your own; default: true. */
  readonly verify?: boolean | undefined;
  /** Replaces the official files and addresses, e.g. by a mirror of your own; default: {@link catalogue}. */
  readonly catalogue?: Partial<Record<FiledDatasetName, CatalogueEntry>> | undefined;
}

/**
 * Loads a data set: from `dataDir` if given, else from `$NIN_DATA_DIR`, else from the user's cache folder, else by
 * download into that folder. `drawn` needs no files.
 *
 * @throws DatasetUnavailableError if it is neither there nor to be downloaded
 * @throws DataError if files are there but incomplete, damaged, or not the official ones
 */
export async function loadDataset(name: DatasetName, options: LoadOptions = {}): Promise<Dataset> {
  if (!datasetNames.includes(name)) {
    throw new DataError(
      `Got data set ${JSON.stringify(name)}, expected one of ${datasetNames.join(", ")}. Choose one of these.`,
    );
  }
  if (name === "drawn") return drawDataset();
  const entry = options.catalogue?.[name] ?? catalogue[name];
  const places = dataLocations(name, options);
  for (const place of places) {
    const found = await findFiles(entry, place.folder);
    const missing = missingRoles(found);
    if (missing.length === 0) return loadFromPlace(name, entry, place, found, options);
    const partly = missing.length < fileRoles.length;
    if (place.origin === "dataDir" || (place.origin === "NIN_DATA_DIR" && partly)) {
      throw await notThere(entry, place, missing);
    }
  }
  if (options.download === false) {
    throw new DatasetUnavailableError(
      `${entry.title} was not found in ${places.map(({ folder }) => folder).join(" or ")}, and downloading is ` +
        "switched off. Name the folder that holds it with --data-dir or NIN_DATA_DIR, or allow the download.",
    );
  }
  return loadByDownload(name, entry, options);
}

/** Fetches what the cache folder lacks, then reads it. */
async function loadByDownload(
  name: FiledDatasetName,
  entry: CatalogueEntry,
  options: LoadOptions,
): Promise<Dataset> {
  const place = cacheLocation(name, options.cacheDir);
  const missing = missingRoles(await findFiles(entry, place.folder));
  await downloadFiles({ name, entry, folder: place.folder, roles: missing }, options);
  return loadFromPlace(name, entry, place, await findFiles(entry, place.folder), options);
}

/**
 * Reads a data set whose four files were found.
 *
 * @throws DataError as {@link readDataset}
 */
export async function loadFromPlace(
  name: FiledDatasetName,
  entry: CatalogueEntry,
  { origin, folder }: DataLocation,
  found: FoundFiles,
  { verify = true }: LoadOptions,
): Promise<Dataset> {
  const path = (role: FileRole): string => {
    const file = found[role];
    if (file === null) {
      throw new DataError(
        `${folder}: ${entry.files[role].name} is missing, expected all four files. Put it there.`,
      );
    }
    return file.path;
  };
  const paths = {
    trainImages: path("trainImages"),
    trainLabels: path("trainLabels"),
    testImages: path("testImages"),
    testLabels: path("testLabels"),
  };
  try {
    return await readDataset({ name, entry, folder, paths }, verify);
  } catch (error) {
    if (origin === "cache" && error instanceof DataError) {
      throw new DataError(`${error.message} It lies in the cache: once deleted, it is downloaded again.`);
    }
    throw error;
  }
}

async function notThere(
  entry: CatalogueEntry,
  { origin, root, folder }: DataLocation,
  missing: readonly FileRole[],
): Promise<DatasetUnavailableError> {
  const option = origin === "dataDir" ? "--data-dir" : "NIN_DATA_DIR";
  if (!(await isFolder(root))) {
    return new DatasetUnavailableError(
      `${root}: no such folder, expected the data folder that ${option} names. Check the path, or leave it out to ` +
        `have ${entry.title} downloaded.`,
    );
  }
  const names = missing.map((role) => `${entry.files[role].name}.gz`);
  return new DatasetUnavailableError(
    `${folder}: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing, expected all four files of ` +
      `${entry.title}, each as .gz or plain. Put them there, or leave ${option} out to have them downloaded.`,
  );
}
