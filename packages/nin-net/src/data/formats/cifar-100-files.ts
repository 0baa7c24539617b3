import { cifarFiles } from "./cifar-files.ts";

/** Whose labels are read: of 100 classes, or of the 20 that these are grouped into. */
export type Cifar100Labels = "coarse" | "fine";

/** Before each image, in this order. */
const labelOrder: readonly Cifar100Labels[] = ["coarse", "fine"];

/**
 * CIFAR-100's files. Size and SHA-256 of the archive are those of TensorFlow Datasets (url_checksums/cifar100.txt), the
 * MD5 of the files in it those of rai-project/dldataset (vision/cifar100.go).
 */
export function cifar100Files(labels: Cifar100Labels) {
  return {
    ...cifarFiles({
      title: "CIFAR-100",
      labels: labelOrder.length,
      label: labelOrder.indexOf(labels),
      train: [["train.bin", 50_000, "6172c7755cfe09b2fe270c85cebc1b15"]],
      test: [["test.bin", 10_000, "4499cfba6c016c1be1438163640a0898"]],
      archive: {
        name: "cifar-100-binary.tar.gz",
        bytes: 168_513_733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        folder: "cifar-100-binary",
      },
      pickles: ["cifar-100-python", "cifar-100-python.tar.gz"],
    }),
    folder: "cifar-100",
  };
}

/** Of the training images, the values in common use. */
export const cifar100Statistics = {
  mean: [0.50708, 0.48655, 0.44092],
  std: [0.26733, 0.25644, 0.27615],
} as const;
