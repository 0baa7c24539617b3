/** The files of MNIST, whose names, format and sizes Fashion-MNIST has taken over. */
import type { DataFile, Digest, FileDataset } from "../definition.ts";

/** What the images in them are. */
export const mnistImage = { channels: 1, height: 28, width: 28 } as const;

/** How many images there are, how the files are named, and what their digests are of. */
interface MnistFilesOptions {
  readonly train?: number;
  readonly test?: number;
  /** Before the names of the files. */
  readonly prefix?: string;
  /** Default: the uncompressed content. */
  readonly digestOf?: Digest["of"];
}

/** Length of an official `.gz`, and a SHA-256. */
type PackedFile = readonly [packedBytes: number, sha256: string];

/** The four files. */
type PackedFiles = Readonly<Record<"trainImages" | "trainLabels" | "testImages" | "testLabels", PackedFile>>;

/** @param options - left out: as many images as MNIST has, in files of its names */
export function mnistFiles(
  { trainImages, trainLabels, testImages, testLabels }: PackedFiles,
  { train = 60_000, test = 10_000, prefix = "", digestOf = "content" }: MnistFilesOptions = {},
): FileDataset["files"] {
  const file = (name: string, bytes: number, [packedBytes, hex]: PackedFile): DataFile => ({
    name: `${prefix}${name}`,
    packedBytes,
    bytes,
    digest: { algorithm: "sha256", of: digestOf, hex },
  });
  return {
    train: [
      file("train-images-idx3-ubyte", idxImageBytes(train), trainImages),
      file("train-labels-idx1-ubyte", idxLabelBytes(train), trainLabels),
    ],
    test: [
      file("t10k-images-idx3-ubyte", idxImageBytes(test), testImages),
      file("t10k-labels-idx1-ubyte", idxLabelBytes(test), testLabels),
    ],
  };
}

/** Length of an idx file of so many images of MNIST's size. */
export function idxImageBytes(count: number): number {
  return 16 + count * mnistImage.height * mnistImage.width;
}

/** Length of an idx file of so many labels. */
export function idxLabelBytes(count: number): number {
  return 8 + count;
}

/** Length of an idx file of so many rows of extended labels. */
export function extendedLabelBytes(count: number, columns: number): number {
  return 12 + 4 * count * columns;
}
