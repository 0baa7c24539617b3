import { presets, type Recipe } from "#nin-net/train/recipe.js";

/** The tutorial's network on smaller images, for one epoch, with momentum. */
export const smallRecipe: Recipe = {
  ...presets.tutorial,
  epochs: 1,
  batchSize: 32,
  lr: 0.02,
  optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0, decayWeightsOnly: false },
  resize: 112,
};
