import { defineDataset } from "../definition.ts";
import { emnistFiles, emnistImage } from "../formats/emnist-files.ts";
import { digitNames } from "./digit-names.ts";

/**
 * EMNIST's MNIST: 70,000 handwritten digits, cut out of NIST's scans as the rest of EMNIST is.
 *
 * Mean and deviation are those of Lightning Bolts (dataset_normalizations.py).
 *
 * @see https://www.nist.gov/itl/products-and-services/emnist-dataset - Cohen, Afshar, Tapson & van Schaik 2017
 *   (arXiv:1702.05373)
 */
export const emnistMnist = defineDataset("emnist-mnist", {
  kind: "files",
  title: "EMNIST MNIST",
  image: { ...emnistImage, classes: 10 },
  classes: digitNames,
  ...emnistFiles("mnist", {
    train: [60_000, "3663598a39195d030895b6304abb5065", "6c092f03c9bb63e678f80f8bc605fe37"],
    test: [10_000, "fb51b6430fc4dd67deaada1bf25d4524", "ae7f6be798a9a5d5f2bd32e078a402dd"],
  }),
  mean: [0.173304],
  std: [0.331694],
  preparation: "digit",
});
