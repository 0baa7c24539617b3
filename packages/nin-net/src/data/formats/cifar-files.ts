/** What the data sets of CIFAR have in common. */
import type { DataArchive, DataFile, FileDataset } from "../definition.ts";
import { type CifarLayout, cifarFormat } from "./cifar.ts";

/** What the images in them are. */
export const cifarImage = { channels: 3, height: 32, width: 32 } as const;

/** What one of them has of its own. */
interface CifarFilesOptions extends CifarLayout {
  /** Name, number of images and MD5 of each file. */
  readonly train: readonly CifarFile[];
  readonly test: readonly CifarFile[];
  readonly archive: Omit<DataArchive, "format">;
  /** Folder and archive of torchvision's copy. */
  readonly pickles: readonly string[];
  /** For people. */
  readonly title: string;
}

type CifarFile = readonly [name: string, images: number, md5: string];

/** Files, format and addresses of one of CIFAR's data sets, in their binary version. */
export function cifarFiles({ train, test, archive, pickles, title, ...layout }: CifarFilesOptions) {
  const recordBytes = layout.labels + cifarImage.channels * cifarImage.height * cifarImage.width;
  const file = ([name, images, hex]: CifarFile): DataFile => ({
    name,
    bytes: images * recordBytes,
    digest: { algorithm: "md5", of: "content", hex },
  });
  return {
    files: { train: train.map(file), test: test.map(file) },
    format: cifarFormat(layout),
    archive: { ...archive, format: "tar.gz" },
    otherForms: [{ names: pickles, what: `${title} as Python pickles, torchvision's copy` }],
    mirrors: ["https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"],
  } as const satisfies Partial<FileDataset>;
}
