import { DataError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Layer } from "../nn/layer.ts";
import { fitsNetwork } from "./match-names.ts";
import { readSafetensors } from "./safetensors.ts";
import { readTorchWeights } from "./torch-weights.ts";

/** A run's checkpoint keeps the optimiser's state beside the weights. */
const optimiserPrefix = "optimizer.";
/** And, where the recipe has them, the weights' averages, which are what the run has come to. */
const averagePrefix = "average.";

/** What chooses among several dictionaries of weights in one file. */
export interface ReadWeightsOptions {
  /** The weights that fit it are taken. */
  readonly net?: Layer | undefined;
  /** Names of weights that fit in any shape, such as those of a last layer that is to be replaced. */
  readonly anyShape?: readonly string[] | undefined;
}

/**
 * Reads weights from the bytes of a file: safetensors, or what `torch.save` wrote of a `state_dict`. Which it is,
 * its first bytes say; nothing in it is run. Of a run's checkpoint the weights are taken, or their averages
 * where it has some, without what the optimiser keeps.
 *
 * @param options - chooses the weights where a checkpoint holds several dictionaries
 * @returns float32 tensors by name
 * @throws DataError if it is neither, or damaged
 */
export function readWeights(
  bytes: Uint8Array,
  { net, anyShape }: ReadWeightsOptions = {},
): Record<string, Tensor> {
  const beginsWith = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  if (beginsWith(0x50, 0x4b, 0x03, 0x04)) {
    return readTorchWeights(bytes, net && ((tensors) => fitsNetwork(tensors, net, anyShape)));
  } // a zip archive: PK, 3, 4
  // After its header's length a safetensors file goes on with a JSON object.
  if (bytes[8] !== 0x7b) {
    const what = beginsWith(0x80) ? "a pickle, as PyTorch before 1.6 wrote it" : "another kind of file";
    throw new DataError(
      `weights: got ${what}, expected safetensors, or a file by torch.save of PyTorch 1.6 or later. ` +
        "Load the weights where they come from and save them again.",
    );
  }
  const { tensors, metadata } = readSafetensors(bytes);
  const averages = Object.entries(tensors).filter(([name]) => name.startsWith(averagePrefix));
  if (metadata.formatVersion !== undefined && averages.length > 0) {
    return Object.fromEntries(averages.map(([name, tensor]) => [name.slice(averagePrefix.length), tensor]));
  }
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith(optimiserPrefix)));
}
