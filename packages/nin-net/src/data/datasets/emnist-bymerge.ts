import { defineDataset } from "../definition.ts";
import { emnistFiles, emnistImage } from "../formats/emnist-files.ts";
import { digitNames } from "./digit-names.ts";
import { capitals, distinctSmallLetters } from "./letter-names.ts";

/**
 * EMNIST by merged class: all 814,255 handwritten digits and letters of NIST's collection. A small letter that looks
 * like its capital is in one class with it; the 47 classes differ in size.
 *
 * Mean and deviation are those of Lightning Bolts (dataset_normalizations.py).
 *
 * @see https://www.nist.gov/itl/products-and-services/emnist-dataset - Cohen, Afshar, Tapson & van Schaik 2017
 *   (arXiv:1702.05373)
 */
export const emnistBymerge = defineDataset("emnist-bymerge", {
  kind: "files",
  title: "EMNIST ByMerge",
  image: { ...emnistImage, classes: 47 },
  classes: [...digitNames, ...capitals, ...distinctSmallLetters],
  ...emnistFiles("bymerge", {
    train: [697_932, "4a792d4df261d7e1ba27979573bf53f3", "491be69ef99e1ab1f5b7f9ccc908bb26"],
    test: [116_323, "8eb5d34c91f1759a55831c37ec2a283f", "c13f4cd5211cdba1b8fa992dae2be992"],
  }),
  mean: [0.173596],
  std: [0.331619],
  preparation: "digit",
});
