import { DataError, type PhotoPreparation } from "nin-net";
import { growths } from "../options/growth.ts";

/** The pictures of one's own that a run is trained on, as `config.json` keeps it. */
export interface PictureSource {
  /** Of the folder, the zip or the CSV file; absolute. */
  readonly path: string;
  /** The names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  /** How pictures are brought to the size of the images. */
  readonly preparation: PhotoPreparation;
  /** Share of the pictures that is kept to test on; null: their folders, or a table, say which are. */
  readonly testShare: number | null;
}

/** @throws DataError if `config.json` holds something else */
export function parsePictureSource(file: string, value: PictureSource): PictureSource {
  const { path, classes, preparation, testShare } = value ?? {};
  const isValid =
    typeof path === "string" &&
    Array.isArray(classes) &&
    classes.every((name) => typeof name === "string") &&
    Object.values<string>(growths).includes(preparation) &&
    (testShare === null || (testShare > 0 && testShare < 1));
  if (isValid) return { path, classes, preparation, testShare };
  throw new DataError(
    `${file}: pictures is ${JSON.stringify(value).slice(0, 100)}, expected path, classes, preparation and testShare. ` +
      "Put the file back as it was.",
  );
}
