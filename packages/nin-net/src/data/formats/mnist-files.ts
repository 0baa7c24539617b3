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

const unpackedBytes: Readonly<Record<FileRole, number>> = {
  trainImages: 16 + 60_000 * mnistImage.height * mnistImage.width,
  trainLabels: 8 + 60_000,
  testImages: 16 + 10_000 * mnistImage.height * mnistImage.width,
  testLabels: 8 + 10_000,
};

/** @param packed - length of the official `.gz` and SHA-256 of the uncompressed content, file by file */
export function mnistFiles(
  packed: Readonly<Record<FileRole, readonly [packedBytes: number, sha256: string]>>,
): Readonly<Record<FileRole, DataFile>> {
  const file = (role: FileRole): DataFile => {
    const [packedBytes, sha256] = packed[role];
    return { name: fileNames[role], packedBytes, bytes: unpackedBytes[role], sha256 };
  };
  return {
    trainImages: file("trainImages"),
    trainLabels: file("trainLabels"),
    testImages: file("testImages"),
    testLabels: file("testLabels"),
  };
}
