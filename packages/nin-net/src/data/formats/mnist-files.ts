/** The files of MNIST, whose names, format and sizes Fashion-MNIST has taken over. */
import type { DataFile, FileRole } from "../definition.ts";

/** What the images in them are. */
export const mnistImage = { channels: 1, height: 28, width: 28 } as const;

const fileNames: Readonly<Record<FileRole, string>> = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
};

/** How many images there are, and what stands before the names of the files. */
interface MnistFilesOptions {
  readonly train: number;
  readonly test: number;
  readonly prefix: string;
}

/**
 * @param packed - length of the official `.gz` and SHA-256 of the uncompressed content, file by file
 * @param options - left out: as many images as MNIST has, in files of its names
 */
export function mnistFiles(
  packed: Readonly<Record<FileRole, readonly [packedBytes: number, sha256: string]>>,
  { train, test, prefix }: MnistFilesOptions = { train: 60_000, test: 10_000, prefix: "" },
): Readonly<Record<FileRole, DataFile>> {
  const imageBytes = mnistImage.height * mnistImage.width;
  const file = (role: FileRole, bytes: number): DataFile => {
    const [packedBytes, sha256] = packed[role];
    return { name: `${prefix}${fileNames[role]}`, packedBytes, bytes, sha256 };
  };
  return {
    trainImages: file("trainImages", 16 + train * imageBytes),
    trainLabels: file("trainLabels", 8 + train),
    testImages: file("testImages", 16 + test * imageBytes),
    testLabels: file("testLabels", 8 + test),
  };
}
