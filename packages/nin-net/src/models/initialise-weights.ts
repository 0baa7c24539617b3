/** How the weights of a network start. */
import {
  constantInitializer,
  dirac,
  initialiseParameters,
  kaimingNormal,
  uniformFanIn,
  xavierUniform,
} from "../nn/initializers.ts";
import type { Layer } from "../nn/layer.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Linear } from "../nn/layers/linear.ts";

/** `data`: as `he`, for `initialiseByData` to scale by a batch of images. */
export const inits = ["xavier", "he", "dirac", "data"] as const;
/** How the first weights of a network are made. */
export type Init = (typeof inits)[number];

/**
 * Gives the convolutions and the Linear layers of a network their first weights: biases as PyTorch's for `xavier`,
 * else 0.
 */
export function initialiseWeights(net: Layer, init: Init, seed: number): void {
  const parameters = weighted(net).flatMap((layer) => layer.parameters);
  const weights = { xavier: xavierUniform(), he: kaimingNormal(), dirac: dirac(), data: kaimingNormal() }[
    init
  ];
  const biases = init === "xavier" ? uniformFanIn : constantInitializer(0);
  initialiseParameters(parameters, ({ name }) => (name === "bias" ? biases : weights), seed);
}

function weighted(layer: Layer): Layer[] {
  if (layer instanceof Conv2d || layer instanceof Linear) return [layer];
  return layer.children.flatMap(weighted);
}
