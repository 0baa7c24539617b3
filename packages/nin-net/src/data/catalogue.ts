/** The data sets that can be downloaded: where from, how large, and how to know that they arrived whole. */
import type { DatasetName } from "./dataset.ts";

/** The four files of a data set, in the order in which they are read and hashed. */
export const fileRoles = ["trainImages", "trainLabels", "testImages", "testLabels"] as const;
export type FileRole = (typeof fileRoles)[number];

/** One file of the catalogue. */
export interface CatalogueFile {
  /** Without `.gz`; on disk it may lie packed, `<name>.gz`, or plain. */
  readonly name: string;
  /** Length of the official `.gz`, for the progress bar: a file packed anew may differ. */
  readonly packedBytes: number;
  /** Length unpacked. */
  readonly bytes: number;
  /** SHA-256 of the unpacked content, in hex. */
  readonly sha256: string;
}

/**
 * How a data set's images were made: `garment` as Fashion-MNIST's, the longest edge 28 pixels and the box centred;
 * `digit` as MNIST's, in 20x20 pixels with the centre of mass in the middle of 28x28.
 */
export type Preparation = "garment" | "digit";

/** One data set of the catalogue. */
export interface CatalogueEntry {
  readonly title: string;
  readonly classes: readonly string[];
  /** How its images were made: pictures to be classified are prepared alike. */
  readonly preparation: Preparation;
  readonly files: Readonly<Record<FileRole, CatalogueFile>>;
  /** Addresses to which `<file name>.gz` is appended; the official one first, then mirrors. */
  readonly mirrors: readonly string[];
}

/** Names of the data sets that live in files. */
export type FiledDatasetName = Exclude<DatasetName, "drawn">;

export type Catalogue = Readonly<Record<FiledDatasetName, CatalogueEntry>>;

const fileNames: Readonly<Record<FileRole, string>> = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
};

const unpackedBytes: Readonly<Record<FileRole, number>> = {
  trainImages: 16 + 60_000 * 28 * 28,
  trainLabels: 8 + 60_000,
  testImages: 16 + 10_000 * 28 * 28,
  testLabels: 8 + 10_000,
};

/**
 * The official catalogue.
 *
 * @see https://github.com/zalandoresearch/fashion-mnist - Xiao, Rasul & Vollgraf 2017 (arXiv:1708.07747)
 * @see http://yann.lecun.com/exdb/mnist/ - LeCun, Cortes & Burges; that address no longer serves the files
 */
export const catalogue: Catalogue = {
  "fashion-mnist": {
    title: "Fashion-MNIST",
    preparation: "garment",
    classes: [
      "t-shirt",
      "trouser",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot",
    ],
    files: {
      trainImages: file(
        "trainImages",
        26_421_880,
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      ),
      trainLabels: file(
        "trainLabels",
        29_515,
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      ),
      testImages: file(
        "testImages",
        4_422_102,
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      ),
      testLabels: file(
        "testLabels",
        5_148,
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      ),
    },
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
  },
  mnist: {
    title: "MNIST",
    preparation: "digit",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    files: {
      trainImages: file(
        "trainImages",
        9_912_422,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      ),
      trainLabels: file(
        "trainLabels",
        28_881,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      ),
      testImages: file(
        "testImages",
        1_648_877,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      ),
      testLabels: file(
        "testLabels",
        4_542,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      ),
    },
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
  },
};

function file(role: FileRole, packedBytes: number, sha256: string): CatalogueFile {
  return { name: fileNames[role], packedBytes, bytes: unpackedBytes[role], sha256 };
}
