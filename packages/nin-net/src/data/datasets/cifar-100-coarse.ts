import { defineDataset } from "../definition.ts";
import { cifar100Files, cifar100Statistics } from "../formats/cifar-100-files.ts";
import { cifarImage } from "../formats/cifar-files.ts";

/**
 * CIFAR-100 with its 20 coarse classes of five fine ones each, named as in its coarse_label_names.txt: the same images.
 *
 * @see https://www.cs.toronto.edu/~kriz/cifar.html - Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny
 *   Images"
 */
export const cifar100Coarse = defineDataset("cifar-100-coarse", {
  kind: "files",
  title: "CIFAR-100, 20 coarse classes",
  image: { ...cifarImage, classes: 20 },
  classes: [
    "aquatic mammals",
    "fish",
    "flowers",
    "food containers",
    "fruit and vegetables",
    "household electrical devices",
    "household furniture",
    "insects",
    "large carnivores",
    "large man-made outdoor things",
    "large natural outdoor scenes",
    "large omnivores and herbivores",
    "medium mammals",
    "non-insect invertebrates",
    "people",
    "reptiles",
    "small mammals",
    "trees",
    "vehicles 1",
    "vehicles 2",
  ],
  ...cifar100Files("coarse"),
  ...cifar100Statistics,
  preparation: "photo",
});
