import { DataError } from "../base/errors.ts";
import type { Tensor } from "../base/tensor.ts";
import { readSafetensors } from "./safetensors.ts";
import { readTorchWeights } from "./torch-weights.ts";

/**
 * Reads weights from the bytes of a file: safetensors, or what `torch.save` wrote of a `state_dict`. Which it is,
 * its first bytes say; nothing in it is run.
 *
 * @returns float32 tensors by name
 * @throws DataError if it is neither, or damaged
 */
export function readWeights(bytes: Uint8Array): Record<string, Tensor> {
  const beginsWith = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  if (beginsWith(0x50, 0x4b, 0x03, 0x04)) return readTorchWeights(bytes); // a zip archive: PK, 3, 4
  if (beginsWith(0x80) && !isHeaderStart(bytes)) {
    throw new DataError(
      "weights: got a pickle, as PyTorch before 1.6 wrote it, expected safetensors or a newer torch.save file. " +
        "Load the weights in PyTorch and save them again.",
    );
  }
  return { ...readSafetensors(bytes).tensors };
}

/** After its length a safetensors file goes on with a JSON object. */
function isHeaderStart(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b;
}
