import { NinError } from "../core/errors.ts";
import { Tensor } from "../core/tensor.ts";
import type { Layer } from "../nn/layer.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";

/**
 * The kernels of a network's first convolution: what its first layer looks for.
 *
 * @returns [Cout * Cin, K, K], with grey images one kernel a filter
 * @throws NinError if there is no convolution
 */
export function firstFilters(net: Layer): Tensor {
  const first = firstConvolution(net);
  if (first === undefined) {
    throw new NinError("firstFilters: got a network without a convolution, expected one. Nothing to show.");
  }
  const [outChannels, inChannels, height, width] = first.weight.shape as [number, number, number, number];
  return new Tensor([outChannels * inChannels, height, width], first.weight.data.slice());
}

function firstConvolution(layer: Layer): Conv2d | undefined {
  if (layer instanceof Conv2d) return layer;
  for (const child of layer.children) {
    const found = firstConvolution(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
