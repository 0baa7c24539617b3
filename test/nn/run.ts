import { openReference } from "#src/backends/reference/device.js";
import { Tensor } from "#src/base/tensor.js";
import type { Layer } from "#src/nn/layer.js";

/** Runs a layer on the reference device. */
export function run(layer: Layer, shape: readonly number[], values: readonly number[]): Promise<Tensor> {
  return layer.forward(new Tensor(shape, Float32Array.from(values)), { device: openReference() });
}
