import type { ImageSpec } from "../../core/image-spec.ts";
import type { Split } from "../dataset.ts";

/** An unpacked file with the name that errors give it. */
export interface NamedBytes {
  /** Names the file in errors. */
  readonly where: string;
  /** The unpacked content. */
  readonly bytes: Uint8Array;
}

/** What is known of a file before it is read. */
export interface ExpectedFile {
  /** Names it in errors. */
  readonly where: string;
  /** Its place among the files of its half, from 0. */
  readonly place: number;
  /** Length of the official one, unpacked. */
  readonly bytes: number;
  /** What the images in it are. */
  readonly image: ImageSpec;
}

/** How the files of a data set become images and labels. */
export interface DataFormat {
  /** For errors: `an idx file`. */
  readonly file: string;
  /** What says how long a file is, for errors: `its idx header says`. */
  readonly lengthFrom: string;
  /** So many bytes at the start of a file say how long it is; 0: it is as long as the official one. */
  readonly headerBytes: number;
  /**
   * Length of a whole unpacked file: no more than that is unpacked.
   *
   * @param start - the first bytes of the file, {@link headerBytes} of them if it has as many
   * @throws DataError if they are no header of this format, or one of impossible lengths
   */
  wholeBytes(start: Uint8Array, file: ExpectedFile): number;
  /**
   * One half of the data set.
   *
   * @param files - of that half, in the order of the description
   * @throws DataError if they are damaged, do not belong together, or a label is not that of a class
   */
  split(files: readonly NamedBytes[], image: ImageSpec): Split;
}
