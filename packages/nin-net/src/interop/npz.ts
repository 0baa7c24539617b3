import { type Zippable, zipSync } from "fflate";
import type { TensorLike } from "../core/tensor.ts";
import { floatBytes } from "./float-bytes.ts";

/**
 * Tensors as an .npz file: `numpy.load(file)["name"]` gives each as float32.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function writeNpz(tensors: Readonly<Record<string, TensorLike>>): Uint8Array {
  const entries: Zippable = Object.create(null) as Zippable;
  for (const [name, tensor] of Object.entries(tensors)) entries[`${name}.npy`] = npy(tensor);
  // Stored, not compressed, as numpy.savez does; a fixed date, so that equal weights make equal files.
  return zipSync(entries, { level: 0, mtime: "1980-01-01T00:00:00" });
}

/** Before the description: a mark, the format's version 1.0, the description's length in 2 bytes. */
const prefixBytes = 10;
/** The values begin at a multiple of it. */
const alignment = 64;

function npy({ shape, data }: TensorLike): Uint8Array {
  const lengths = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${lengths}, }`;
  const headerBytes = Math.ceil((prefixBytes + text.length + 1) / alignment) * alignment;
  const description = `${text.padEnd(headerBytes - prefixBytes - 1)}\n`;
  const bytes = new Uint8Array(headerBytes + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(bytes.buffer).setUint16(prefixBytes - 2, description.length, true);
  bytes.set(new TextEncoder().encode(description), prefixBytes);
  bytes.set(floatBytes(data), headerBytes);
  return bytes;
}
