import { DataError } from "../core/errors.ts";
import { catalogue, type FiledDatasetName, fileRoles } from "./catalogue.ts";
import { type DataOrigin, dataLocations, type FoundFile, findFiles } from "./data-locations.ts";
import { type DatasetName, datasetNames } from "./dataset.ts";
import { type LoadOptions, loadFromPlace } from "./load-dataset.ts";

/** What is known of one data set. */
export interface DatasetReport {
  readonly name: DatasetName;
  readonly title: string;
  /** Every folder looked at, in the order of the search; none for `drawn`, which needs no files. */
  readonly places: readonly LocationReport[];
}

/** What one folder holds of a data set. */
export interface LocationReport {
  readonly origin: DataOrigin;
  readonly folder: string;
  readonly files: readonly FileReport[];
  readonly status: LocationStatus;
}

/** A file of the catalogue, and where it lies. */
export interface FileReport {
  /** Without `.gz`. */
  readonly name: string;
  /** Null where it is missing. */
  readonly found: FoundFile | null;
}

/** Whether a folder's data set can be used. */
export type LocationStatus =
  | { readonly kind: "absent" }
  | { readonly kind: "incomplete"; readonly missing: readonly string[] }
  /** Whole, and the official content. */
  | { readonly kind: "verified" }
  /** Whole and readable; whether it is the official content was not asked. */
  | { readonly kind: "readable" }
  | { readonly kind: "problem"; readonly message: string };

/**
 * Tells what is there of every data set, where, and whether it verifies; reads the files, downloads nothing.
 *
 * @param options - `dataDir`, `cacheDir`, `verify` and `catalogue`, as for {@link loadDataset}
 */
export async function describeData(options: LoadOptions = {}): Promise<DatasetReport[]> {
  const reports: DatasetReport[] = [];
  for (const name of datasetNames) {
    if (name === "drawn") reports.push({ name, title: "drawn garments", places: [] });
    else reports.push(await describeFiled(name, options));
  }
  return reports;
}

async function describeFiled(name: FiledDatasetName, options: LoadOptions): Promise<DatasetReport> {
  const entry = options.catalogue?.[name] ?? catalogue[name];
  const places: LocationReport[] = [];
  for (const place of dataLocations(name, options)) {
    const { origin, folder } = place;
    let files: FileReport[] = [];
    let status: LocationStatus;
    try {
      const found = await findFiles(entry, folder);
      files = fileRoles.map((role) => ({ name: entry.files[role].name, found: found[role] }));
      const missing = files.filter((file) => file.found === null).map((file) => file.name);
      if (missing.length === files.length) status = { kind: "absent" };
      else if (missing.length > 0) status = { kind: "incomplete", missing };
      else {
        await loadFromPlace(name, entry, place, found, options);
        status = { kind: options.verify === false ? "readable" : "verified" };
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      status = { kind: "problem", message: error.message };
    }
    places.push({ origin, folder, files, status });
  }
  return { name, title: entry.title, places };
}
