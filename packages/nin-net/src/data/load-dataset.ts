import { DataError } from "../core/errors.ts";
import {
  cacheLocation,
  type DataLocation,
  type DataOrigin,
  dataLocations,
  isFolder,
  type LocatedFiles,
  type LocationOptions,
  locateFiles,
  type OtherContent,
} from "./data-locations.ts";
import type { Dataset } from "./dataset.ts";
import { DatasetUnavailableError } from "./dataset-unavailable-error.ts";
import { datasetNamed, datasets } from "./datasets.ts";
import { type DatasetDefinition, type FileDataset, type FileRole, fileRoles } from "./definition.ts";
import { type DownloadOptions, downloadFiles } from "./download-files.ts";
import { readDataset } from "./read-dataset.ts";

/** How {@link loadDataset} finds and checks a data set. */
export interface LoadOptions extends LocationOptions, DownloadOptions {
  /** Whether what is found nowhere is downloaded into the cache folder; default: true. */
  readonly download?: boolean | undefined;
  /** Whether contents must be the official ones; switch off for data of your own; default: true. */
  readonly verify?: boolean | undefined;
}

/**
 * Loads a data set: from `dataDir` if given, else from `$NIN_DATA_DIR`, else from the user's cache folder, else by
 * download into that folder. `synthetic` needs no files.
 *
 * In a data folder a data set lies in a folder of its own name, in torchvision's (`FashionMNIST/raw`), or in the
 * folder itself; the names of files may have a dot (`train-images.idx3-ubyte`).
 *
 * @param dataset - a name of the registry, or a description from {@link defineDataset}
 * @throws DatasetUnavailableError if it is neither there nor to be downloaded
 * @throws DataError if files are there but incomplete, damaged, or not the official ones
 */
export async function loadDataset(
  dataset: string | DatasetDefinition,
  options: LoadOptions = {},
): Promise<Dataset> {
  const definition = typeof dataset === "string" ? datasetNamed(dataset) : dataset;
  if (definition.kind === "generated") {
    const { name, title, image, classes, mean, std } = definition;
    return { name, title, image, classes, mean, std, synthetic: true, ...(await definition.generate()) };
  }
  const searched: string[] = [];
  for (const location of dataLocations(definition, options)) {
    const located = await locateFiles(definition, location, options.verify);
    const { missing } = located;
    if (missing.length === 0) return loadLocated(definition, location.origin, located, options);
    const isNamed = location.origin === "dataDir";
    const isPartial = location.origin === "NIN_DATA_DIR" && missing.length < fileRoles.length;
    if (isNamed || isPartial) throw await notThere(definition, location, located);
    // Another data set's folder is no reason not to look on.
    const { otherContent } = located;
    if (otherContent !== null && ownerOf(otherContent) === undefined)
      throw wrongContent(definition, otherContent);
    searched.push(location.folder);
  }
  if (options.download === false) {
    throw new DatasetUnavailableError(
      `${definition.title} was not found in ${searched.join(" or ")}, and downloading is switched off. ` +
        "Name the folder that holds it with --data-dir or NIN_DATA_DIR, or allow the download.",
    );
  }
  return loadByDownload(definition, options);
}

/** Fetches what the cache folder lacks, then reads it. */
async function loadByDownload(definition: FileDataset, options: LoadOptions): Promise<Dataset> {
  const location = { ...cacheLocation(definition, options.cacheDir), others: [] };
  const { missing } = await locateFiles(definition, location);
  await downloadFiles({ definition, folder: location.folder, roles: missing }, options);
  return loadLocated(definition, "cache", await locateFiles(definition, location), options);
}

/**
 * Reads a data set whose four files were found.
 *
 * @throws DataError as {@link readDataset}
 */
export async function loadLocated(
  definition: FileDataset,
  origin: DataOrigin,
  { folder, found }: LocatedFiles,
  { verify = true }: LoadOptions,
): Promise<Dataset> {
  const path = (role: FileRole): string => {
    const file = found[role];
    if (file === null) {
      throw new DataError(
        `${folder}: ${definition.files[role].name} is missing, expected all four files. Put it there.`,
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
    return await readDataset({ definition, folder, paths }, verify);
  } catch (error) {
    if (origin === "cache" && error instanceof DataError) {
      throw new DataError(`${error.message} It lies in the cache: once deleted, it is downloaded again.`);
    }
    throw error;
  }
}

async function notThere(
  definition: FileDataset,
  { origin, root }: DataLocation,
  { folder, missing, otherContent }: LocatedFiles,
): Promise<DataError> {
  const { title, files } = definition;
  const option = origin === "dataDir" ? "--data-dir" : "NIN_DATA_DIR";
  if (!(await isFolder(root))) {
    return new DatasetUnavailableError(
      `${root}: no such folder, expected the data folder that ${option} names. Check the path, or leave it out to ` +
        `have ${title} downloaded.`,
    );
  }
  if (otherContent !== null) return wrongContent(definition, otherContent);
  const names = missing.map((role) => `${files[role].name}.gz`);
  const message =
    `${folder}: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing, expected all four files of ` +
    `${title}, each as .gz or plain. Put them there, or leave ${option} out to have them downloaded.`;
  // Data that are there in part are not to be replaced by others.
  return missing.length < fileRoles.length ? new DataError(message) : new DatasetUnavailableError(message);
}

function wrongContent({ title }: FileDataset, content: OtherContent): DataError {
  const owner = ownerOf(content);
  if (owner !== undefined) {
    return new DataError(
      `${content.folder}: holds ${owner.title}, expected ${title}. Name another folder, or ask for --dataset ${owner.name}.`,
    );
  }
  return new DataError(
    `${content.folder}: holds four files that are named as those of ${title}, but their contents are not the ` +
      "official ones. Copy or download them again; if they are data of your own, switch this check off with " +
      "--no-verify (in code: verify: false).",
  );
}

/** The data set of the registry that files belong to. */
function ownerOf({ sha256 }: OtherContent): DatasetDefinition | undefined {
  return Object.values(datasets).find(
    (definition) => definition.kind === "files" && definition.files.testLabels.sha256 === sha256,
  );
}
