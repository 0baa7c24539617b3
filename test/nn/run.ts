import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import type { Layer } from "#nin-net/nn/layer.js";

/** Runs a layer on the reference device. */
export function run(layer: Layer, shape: readonly number[], values: readonly number[]): Promise<Tensor> {
  return layer.forward(new Tensor(shape, Float32Array.from(values)), { device: openReference() });
}
