import { defineDataset } from "../definition.ts";
import { emnistFiles, emnistImage } from "../formats/emnist-files.ts";
import { digitNames } from "./digit-names.ts";

/**
 * EMNIST's digits: 280,000 handwritten digits, as many of each.
 *
 * Mean and deviation are those of Lightning Bolts (dataset_normalizations.py).
 *
 * @see https://www.nist.gov/itl/products-and-services/emnist-dataset - Cohen, Afshar, Tapson & van Schaik 2017
 *   (arXiv:1702.05373)
 */
export const emnistDigits = defineDataset("emnist-digits", {
  kind: "files",
  title: "EMNIST Digits",
  image: { ...emnistImage, classes: 10 },
  classes: digitNames,
  ...emnistFiles("digits", {
    train: [240_000, "d2662ecdc47895a6bbfce25de9e9a677", "2223fcfee618ac9c89ef20b6e48bcf9e"],
    test: [40_000, "a159b8b3bd6ab4ed4793c1cb71a2f5cc", "8afde66ea51d865689083ba6bb779fac"],
  }),
  mean: [0.173252],
  std: [0.331632],
  preparation: "digit",
});
