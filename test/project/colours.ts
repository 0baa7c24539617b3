/** A data set and networks from outside, by the public API alone: 3 channels, not square, 5 classes. */
import {
  AdaptiveAvgPool2d,
  arrayDataset,
  Conv2d,
  type Dataset,
  defineModel,
  Flatten,
  Linear,
  MaxPool2d,
  manualSeed,
  presets,
  type Recipe,
  ReLU,
  Sequential,
} from "nin-net";
import { z } from "zod";

export const image = { channels: 3, height: 10, width: 14 };
export const classes = ["red", "green", "blue", "yellow", "grey"];
const colours = [
  [200, 40, 40],
  [40, 200, 40],
  [40, 40, 200],
  [200, 200, 40],
  [120, 120, 120],
];

/** Noisy images, each of one colour. */
function colouredImages(count: number, offset: number) {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 5);
  const images = Uint8Array.from({ length: count * 10 * 14 * 3 }, (_, i) => {
    const noise = ((i + offset) * 7919) % 41;
    return colours[labels[Math.floor(i / (10 * 14 * 3))]!]![i % 3]! + noise - 20;
  });
  return { images, labels };
}

/** LeCun, Bottou, Bengio & Haffner 1998, for images of 10 x 14 pixels. */
export const leNet = defineModel("small-lenet", {
  title: "Small LeNet",
  source: "test",
  smallestInput: [10, 14],
  options: z.strictObject({ features: z.int().min(1).default(6) }),
  recipe: { epochs: 4, batchSize: 10, lr: 0.1, resize: null },
  build({ channels, classes, seed, features }) {
    manualSeed(seed);
    return new Sequential(
      new Conv2d(channels, features, 5, { padding: 2 }),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(features * 5 * 7, classes),
    );
  },
});

/** Its class scores are averages of maps, as in Network in Network. */
export const mapNet = defineModel("map-net", {
  title: "Map net",
  source: "test",
  smallestInput: [4, 4],
  options: z.strictObject({}),
  recipe: { epochs: 4, batchSize: 10, lr: 0.1, resize: [20, 26] },
  build({ channels, classes, seed }) {
    manualSeed(seed);
    return new Sequential(
      new Conv2d(channels, 8, 3, { stride: 2, padding: 1 }),
      new ReLU(),
      new Conv2d(8, classes, 1),
      new AdaptiveAvgPool2d([1, 1]),
      new Flatten(),
    );
  },
});

/** 45 images to train on and 20 to test on. */
export function colouredDataset(): Promise<Dataset> {
  return arrayDataset({
    name: "colours",
    image,
    classes,
    train: colouredImages(45, 0),
    test: colouredImages(20, 12345),
  });
}

/** How a network is trained on {@link colouredDataset}: normalised. */
export function recipeFor(
  { name, recipe }: Pick<typeof leNet | typeof mapNet, "name" | "recipe">,
  { name: dataset, mean, std }: Dataset,
): Recipe {
  return {
    ...presets.tutorial,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0, decayWeightsOnly: false },
    ...recipe,
    net: name,
    dataset,
    mean,
    std,
    seed: 3,
  };
}
