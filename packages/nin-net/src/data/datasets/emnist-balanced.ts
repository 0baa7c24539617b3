import { defineDataset } from "../definition.ts";
import { emnistFiles, emnistImage } from "../formats/emnist-files.ts";
import { digitNames } from "./digit-names.ts";
import { capitals, distinctSmallLetters } from "./letter-names.ts";

/**
 * EMNIST, balanced: 131,600 handwritten digits and letters, as many of each of 47 classes. A small letter that looks
 * like its capital is in one class with it.
 *
 * Mean and deviation are those of Lightning Bolts (dataset_normalizations.py).
 *
 * @see https://www.nist.gov/itl/products-and-services/emnist-dataset - Cohen, Afshar, Tapson & van Schaik 2017
 *   (arXiv:1702.05373)
 */
export const emnistBalanced = defineDataset("emnist-balanced", {
  kind: "files",
  title: "EMNIST Balanced",
  image: { ...emnistImage, classes: 47 },
  classes: [...digitNames, ...capitals, ...distinctSmallLetters],
  ...emnistFiles("balanced", {
    train: [112_800, "4041b0d6f15785d3fa35263901b5496b", "7a35cc7b2b7ee7671eddf028570fbd20"],
    test: [18_800, "6818d20fe2ce1880476f747bbc80b22b", "acd3694070dcbf620e36670519d4b32f"],
  }),
  mean: [0.175104],
  std: [0.333207],
  preparation: "digit",
});
