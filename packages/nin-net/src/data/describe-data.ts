import { DataError } from "../core/errors.ts";
import {
  type DataLocation,
  type DataOrigin,
  dataLocations,
  type FoundFile,
  holdsAny,
  type LocatedFiles,
  locateFiles,
} from "./data-locations.ts";
import { datasets } from "./datasets.ts";
import { type DatasetDefinition, type FileDataset, filesOf } from "./definition.ts";
import { type LoadOptions, loadLocated } from "./load-dataset.ts";

/** What is known of one data set. */
export interface DatasetReport {
  /** The name in the registry. */
  readonly name: string;
  /** For people, e.g. `Fashion-MNIST`. */
  readonly title: string;
  /** Every folder looked at, in the order of the search; none where it needs no files. */
  readonly places: readonly LocationReport[];
}

/** What one folder holds of a data set. */
export interface LocationReport {
  /** What led to the folder: an option, the environment or the cache. */
  readonly origin: DataOrigin;
  /** The folder's path. */
  readonly folder: string;
  /** What is looked for, and where it lies. */
  readonly files: readonly FileReport[];
  /** Whether the data set can be used from there. */
  readonly status: LocationStatus;
}

/** A file of the data set, or the archive that holds all of them, and where it lies. */
export interface FileReport {
  /** Without `.gz`; of an archive as it is. */
  readonly name: string;
  /** Null where it is missing. */
  readonly found: FoundFile | null;
}

/** Whether a folder's data set can be used. */
export type LocationStatus =
  | { readonly kind: "absent" }
  /** It is there in a form that is not read. */
  | { readonly kind: "other"; readonly message: string }
  | { readonly kind: "incomplete"; readonly missing: readonly string[] }
  /** Whole, and the official content. */
  | { readonly kind: "verified" }
  /** Whole and readable; whether it is the official content was not asked, or cannot be told. */
  | { readonly kind: "readable" }
  | { readonly kind: "problem"; readonly message: string };

/**
 * Tells what is there of every data set, where, and whether it verifies; reads the files, downloads nothing.
 *
 * @param options - `dataDir`, `cacheDir` and `verify`, as for {@link loadDataset}
 * @param definitions - default: those of the registry
 */
export async function describeData(
  options: LoadOptions = {},
  definitions: readonly DatasetDefinition[] = Object.values(datasets),
): Promise<DatasetReport[]> {
  const reports: DatasetReport[] = [];
  for (const definition of definitions) {
    const { name, title, kind } = definition;
    reports.push(kind === "files" ? await describeFiles(definition, options) : { name, title, places: [] });
  }
  return reports;
}

async function describeFiles(definition: FileDataset, options: LoadOptions): Promise<DatasetReport> {
  const places: LocationReport[] = [];
  for (const location of knownLocations(definition, options)) {
    const { origin } = location;
    let { folder } = location;
    let files: FileReport[] = [];
    let status: LocationStatus;
    try {
      const located = await locateFiles(definition, location, options.verify);
      folder = located.folder;
      files = reportsOf(definition, located);
      const missing = located.missing.map(({ name }) => name);
      if (located.otherForm !== null) status = { kind: "other", message: `${located.otherForm}.` };
      else if (!holdsAny(located)) status = { kind: "absent" };
      else if (missing.length > 0) status = { kind: "incomplete", missing };
      else {
        const { isVerified } = await loadLocated(definition, origin, located, options);
        status = { kind: isVerified ? "verified" : "readable" };
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      status = { kind: "problem", message: error.message };
    }
    places.push({ origin, folder, files, status });
  }
  return { name: definition.name, title: definition.title, places };
}

function reportsOf(definition: FileDataset, { found, archive }: LocatedFiles): FileReport[] {
  if (archive !== null) return [{ name: definition.archive!.name, found: archive }];
  return filesOf(definition).map((file) => ({ name: file.name, found: found.get(file) ?? null }));
}

/** Without the cache where the user can have none, unless it is the only place to look in. */
function* knownLocations(definition: FileDataset, options: LoadOptions): Generator<DataLocation> {
  let isAny = false;
  try {
    for (const location of dataLocations(definition, options)) {
      isAny = true;
      yield location;
    }
  } catch (error) {
    if (!isAny || !(error instanceof DataError)) throw error;
  }
}
