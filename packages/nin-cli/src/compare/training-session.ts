import {
  createAugmentation,
  createOptimizer,
  type Device,
  type Layer,
  type Recipe,
  Session,
  smoothedCrossEntropy,
} from "nin-net";

/** A network on a device, ready for the training steps of its recipe; the network's own weights stay as they are. */
export function openTrainingSession(net: Layer, device: Device, recipe: Recipe): Promise<Session> {
  const { labelSmoothing, clip, ema, slice } = recipe;
  return Session.open(net, device, {
    optimizer: createOptimizer(recipe.optimizer),
    trainingLoss: labelSmoothing > 0 ? smoothedCrossEntropy(labelSmoothing) : undefined,
    augmentations: recipe.augment.map(createAugmentation),
    clip: clip ?? undefined,
    ema: ema ?? undefined,
    slice: slice ?? undefined,
  });
}
