import * as z from "zod";
import type { Node } from "../graph/node.ts";

/** The setting of optimizers with weight decay that leaves it to the weights of layers. */
export const decayWeightsOnly = z
  .boolean()
  .default(false)
  .describe("spare biases and normalization from the decay");

/** Whether a weight is decayed: biases and the numbers of a normalization are a vector each. */
export function isDecayed(weight: Node, settings: { readonly decayWeightsOnly: boolean }): boolean {
  return !settings.decayWeightsOnly || weight.type.shape.length > 1;
}
