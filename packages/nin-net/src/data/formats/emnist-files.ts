/** What the data sets of EMNIST have in common: their archive, format and the names of their files. */
import type { DataFile, FileDataset } from "../definition.ts";
import { idxFormat } from "./idx.ts";
import { idxImageBytes, idxLabelBytes, mnistImage } from "./mnist-files.ts";

/** What the images in them are. */
export const emnistImage = mnistImage;

/** How many images there are, and the MD5 of each `.gz` in the archive. */
interface EmnistFilesOptions {
  readonly train: readonly [count: number, imagesMd5: string, labelsMd5: string];
  readonly test: readonly [count: number, imagesMd5: string, labelsMd5: string];
  /** The label of the first class; default: 0. */
  readonly firstLabel?: number;
}

/**
 * Files, format and addresses of one of EMNIST's data sets. Images are stored column after column.
 *
 * Size and SHA-256 of the archive are those of TensorFlow Datasets (url_checksums/emnist.txt), the MD5 of the files in
 * it those of Deeplearning4j (EmnistFetcher.java); of the unpacked files none are published.
 *
 * @param name - as it stands in the names of the files
 */
export function emnistFiles(name: string, { train, test, firstLabel }: EmnistFilesOptions) {
  const half = (
    part: string,
    [count, imagesMd5, labelsMd5]: EmnistFilesOptions["train"],
  ): readonly DataFile[] => [
    file(`emnist-${name}-${part}-images-idx3-ubyte`, idxImageBytes(count), imagesMd5),
    file(`emnist-${name}-${part}-labels-idx1-ubyte`, idxLabelBytes(count), labelsMd5),
  ];
  return {
    files: { train: half("train", train), test: half("test", test) },
    format: idxFormat({ transposed: true, firstLabel }),
    folder: "emnist",
    folders: ["EMNIST/raw"],
    archive: {
      name: "gzip.zip",
      format: "zip",
      bytes: 561_753_746,
      sha256: "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
      folder: "gzip",
    },
    mirrors: ["https://biometrics.nist.gov/cs_links/EMNIST/"],
  } as const satisfies Partial<FileDataset>;
}

function file(name: string, bytes: number, hex: string): DataFile {
  return { name, bytes, digest: { algorithm: "md5", of: "gzip", hex } };
}
