import { defineDataset } from "../definition.ts";
import { emnistFiles, emnistImage } from "../formats/emnist-files.ts";
import { bothCases } from "./letter-names.ts";

/**
 * EMNIST's letters: 145,600 handwritten letters, a capital and its small letter in one class, as many of each. In the
 * files labels start at 1.
 *
 * Mean and deviation are those of Lightning Bolts (dataset_normalizations.py).
 *
 * @see https://www.nist.gov/itl/products-and-services/emnist-dataset - Cohen, Afshar, Tapson & van Schaik 2017
 *   (arXiv:1702.05373)
 */
export const emnistLetters = defineDataset("emnist-letters", {
  kind: "files",
  title: "EMNIST Letters",
  image: { ...emnistImage, classes: 26 },
  classes: bothCases,
  ...emnistFiles("letters", {
    train: [124_800, "8795078f199c478165fe18db82625747", "c16de4f1848ddcdddd39ab65d2a7be52"],
    test: [20_800, "382093a19703f68edac6d01b8dfdfcad", "d4108920cd86601ec7689a97f2de7f59"],
    firstLabel: 1,
  }),
  mean: [0.172227],
  std: [0.330916],
  preparation: "digit",
});
