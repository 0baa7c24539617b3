import { defineDataset } from "../definition.ts";
import { idxFormat } from "../formats/idx.ts";
import { mnistFiles, mnistImage } from "../formats/mnist-files.ts";

/**
 * Kuzushiji-MNIST: 70,000 cursive hiragana out of Japanese books of the 18th century, one character of each row of the
 * syllabary. Names of the classes are their readings, with the character as it is written today.
 *
 * Sizes and digests, of the files as they are downloaded, are those of TensorFlow Datasets
 * (url_checksums/kmnist.txt); of the unpacked files none are published. Mean and deviation are those in common use.
 *
 * @see https://github.com/rois-codh/kmnist - Clanuwat et al. 2018 (arXiv:1812.01718)
 */
export const kmnist = defineDataset("kmnist", {
  kind: "files",
  title: "Kuzushiji-MNIST",
  image: { ...mnistImage, classes: 10 },
  classes: [
    "o (お)",
    "ki (き)",
    "su (す)",
    "tsu (つ)",
    "na (な)",
    "ha (は)",
    "ma (ま)",
    "ya (や)",
    "re (れ)",
    "wo (を)",
  ],
  files: mnistFiles(
    {
      trainImages: [18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"],
      trainLabels: [29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"],
      testImages: [3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"],
      testLabels: [5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"],
    },
    { digestOf: "gzip" },
  ),
  format: idxFormat(),
  folders: ["KMNIST/raw"],
  mirrors: ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
  mean: [0.1918],
  std: [0.3483],
  preparation: "digit",
});
