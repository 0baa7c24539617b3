import { DataError } from "../core/errors.ts";

/** A data set that is neither where it was looked for nor to be had by download. */
export class DatasetUnavailableError extends DataError {
  /** The class's name, for `error.name`. */
  override name = "DatasetUnavailableError";
}
