import { defineDataset } from "../definition.ts";
import { emnistFiles, emnistImage } from "../formats/emnist-files.ts";
import { digitNames } from "./digit-names.ts";
import { capitals, smallLetters } from "./letter-names.ts";

/**
 * EMNIST by class: all 814,255 handwritten digits and letters of NIST's collection in 62 classes, which differ in size.
 *
 * Mean and deviation are those of Lightning Bolts (dataset_normalizations.py).
 *
 * @see https://www.nist.gov/itl/products-and-services/emnist-dataset - Cohen, Afshar, Tapson & van Schaik 2017
 *   (arXiv:1702.05373)
 */
export const emnistByclass = defineDataset("emnist-byclass", {
  kind: "files",
  title: "EMNIST ByClass",
  image: { ...emnistImage, classes: 62 },
  classes: [...digitNames, ...capitals, ...smallLetters],
  ...emnistFiles("byclass", {
    train: [697_932, "712dda0bd6f00690f32236ae4325c377", "ee299a3ee5faf5c31e9406763eae7e43"],
    test: [116_323, "1435209e34070a9002867a9ab50160d7", "7a0f934bd176c798ecba96b36fda6657"],
  }),
  mean: [0.173592],
  std: [0.331621],
  preparation: "digit",
});
