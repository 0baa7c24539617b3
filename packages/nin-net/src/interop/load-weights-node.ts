import { readFile } from "node:fs/promises";
import { DataError } from "../core/errors.ts";
import { systemReason } from "../core/system-reason.ts";
import type { Tensor } from "../core/tensor.ts";
import { type ReadWeightsOptions, readWeights } from "./read-weights.ts";

/**
 * Reads weights from a file: `.safetensors`, or `.pt` and `.pth` as `torch.save(net.state_dict(), file)` writes
 * them. Nothing in the file is run.
 *
 *     net.loadStateDict(await loadWeights("nin.pt"));
 *
 * @param options - chooses the weights where a checkpoint holds several dictionaries
 * @returns float32 tensors by name
 * @throws DataError if the file cannot be read, is damaged or holds something else
 */
export async function loadWeights(
  path: string,
  options: ReadWeightsOptions = {},
): Promise<Record<string, Tensor>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const what = reasonWords(cause as NodeJS.ErrnoException);
    throw new DataError(`${path}: ${what}, expected a file of weights. Check the path.`, { cause });
  }
  try {
    return readWeights(bytes, options);
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(`${path}: ${cause.message}`, { cause });
  }
}

function reasonWords(cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case "EISDIR":
      return "is a folder";
    case "ENOENT":
      return "no such file";
    default:
      return `cannot be read (${systemReason(cause)})`;
  }
}
