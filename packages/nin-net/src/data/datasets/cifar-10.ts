import { defineDataset } from "../definition.ts";
import { cifarFiles, cifarImage } from "../formats/cifar-files.ts";

/**
 * CIFAR-10: 60,000 colour photographs of 32 x 32 pixels in ten classes.
 *
 * Size and SHA-256 of the archive are those of TensorFlow Datasets (url_checksums/cifar10.txt), the MD5 of the files in
 * it those of rai-project/dldataset (vision/cifar10.go). Mean and deviation are those in common use.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html - Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny
 *   Images"
 */
export const cifar10 = defineDataset("cifar-10", {
  kind: "files",
  aliases: ["cifar10"],
  title: "CIFAR-10",
  image: { ...cifarImage, classes: 10 },
  classes: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
  ...cifarFiles({
    title: "CIFAR-10",
    labels: 1,
    train: [
      ["data_batch_1.bin", 10_000, "5dd7e06a14cb22eb9f671a540d1b7c25"],
      ["data_batch_2.bin", 10_000, "5ea93a67294ea407fff1d09f752e9692"],
      ["data_batch_3.bin", 10_000, "942cd6a4bcdd0dd3c604fbe906cb4421"],
      ["data_batch_4.bin", 10_000, "ae636b3ba5c66a11e91e8cb52e771fcb"],
      ["data_batch_5.bin", 10_000, "53f37980c15c3d472c316c40844f3f0d"],
    ],
    test: [["test_batch.bin", 10_000, "803d5f7f4d78ea53de84dbe85f74fb6d"]],
    archive: {
      name: "cifar-10-binary.tar.gz",
      bytes: 170_052_171,
      sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      folder: "cifar-10-batches-bin",
    },
    pickles: ["cifar-10-batches-py", "cifar-10-python.tar.gz"],
  }),
  mean: [0.4914, 0.48216, 0.44653],
  std: [0.24703, 0.24349, 0.26159],
  preparation: "photo",
});
