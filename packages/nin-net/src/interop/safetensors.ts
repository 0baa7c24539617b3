/**
 * Weights in a file: safetensors, an 8-byte header length, a JSON header, then the values.
 *
 * @see https://huggingface.co/docs/safetensors/index#format
 */
import { DataError, formatShape } from "../core/errors.ts";
import { Tensor, type TensorLike } from "../core/tensor.ts";
import { bfloat16, type FloatFormat, float16, float32, float64, int64 } from "./float-formats.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the file's order. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Length of the field that holds the header's length. */
const lengthBytes = 8;
const metadataKey = "__metadata__";

/** @returns the bytes of a safetensors file with float32 values */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorLike>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Without a prototype: a tensor may be named __proto__.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header[metadataKey] = metadata;
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === metadataKey)
      throw new DataError(`safetensors: ${metadataKey} cannot be a tensor's name. Rename it.`);
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: "F32", shape, data_offsets: [start, end] };
  }
  // Spaces at the header's end bring the values to a multiple of 8 bytes.
  const unpadded = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(unpadded.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerLength + end).fill(
    0x20,
    lengthBytes,
    lengthBytes + headerLength,
  );
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(unpadded, lengthBytes);
  let at = lengthBytes + headerLength;
  for (const { data } of Object.values(tensors)) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += Float32Array.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/**
 * Reads a safetensors file.
 *
 * @returns float32 tensors by name, in the header's order; float64, float16 and bfloat16 are converted
 * @throws DataError if the file is cut short, damaged or holds values of another type
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, valuesAt } = readHeader(bytes, view);
  const metadata = readMetadata(header[metadataKey]);
  const entries = Object.entries(header)
    .filter(([name]) => name !== metadataKey)
    .map(([name, entry]) => readEntry(name, entry, bytes.length - valuesAt));
  checkCoverage(entries, bytes.length - valuesAt);
  const tensors = entries.map(({ name, format, shape, start, end }) => {
    const data = new Float32Array((end - start) / format.bytes);
    for (let i = 0; i < data.length; i++) {
      data[i] = format.read(view, valuesAt + start + i * format.bytes, true);
    }
    return [name, new Tensor(shape, data)] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/**
 * Reads the metadata alone.
 *
 * @throws DataError if the header is damaged
 */
export function readSafetensorsMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readMetadata(readHeader(bytes, view).header[metadataKey]);
}

/** By the format's names for them. */
const formats: ReadonlyMap<unknown, FloatFormat> = new Map([
  ["F32", float32],
  ["F64", float64],
  ["F16", float16],
  ["BF16", bfloat16],
]);

interface Entry {
  readonly name: string;
  readonly format: FloatFormat;
  readonly shape: readonly number[];
  /** Bytes after the header. */
  readonly start: number;
  readonly end: number;
}

function damaged(what: string): DataError {
  return new DataError(`safetensors: ${what}. The file is damaged or cut short: copy or download it again.`);
}

function readHeader(
  bytes: Uint8Array,
  view: DataView,
): { header: Readonly<Record<string, unknown>>; valuesAt: number } {
  if (bytes.length < lengthBytes) {
    throw damaged(`got ${bytes.length} bytes, expected at least ${lengthBytes}`);
  }
  const length = view.getBigUint64(0, true);
  if (length > BigInt(bytes.length - lengthBytes)) {
    throw damaged(
      `got a header of ${length} bytes in a file of ${bytes.length}, expected it inside the file`,
    );
  }
  const valuesAt = lengthBytes + Number(length);
  let header: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(lengthBytes, valuesAt));
    header = JSON.parse(text);
  } catch (cause) {
    throw damaged(`the header is not JSON in UTF-8 (${(cause as Error).message})`);
  }
  if (!isRecord(header)) throw damaged("the header is not a JSON object");
  return { header, valuesAt };
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== "string")) {
    throw damaged(`${metadataKey} is not an object of texts`);
  }
  return value as Record<string, string>;
}

function readEntry(name: string, entry: unknown, available: number): Entry {
  const label = clipped(name);
  if (!isRecord(entry)) throw damaged(`the header's entry for ${label} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const isCounter = dtype === "I64" && Array.isArray(shape) && shape.length === 0;
  const format = isCounter ? int64 : formats.get(dtype);
  if (format === undefined) {
    throw new DataError(
      `safetensors: ${label} has values of type ${shown(dtype)}, expected ${[...formats.keys()].join(", ")}. ` +
        "Convert the weights to float32 before saving them.",
    );
  }
  if (!Array.isArray(shape) || !shape.every(isLength)) {
    throw damaged(`the shape of ${label} is ${shown(shape)}, expected whole numbers of at least 0`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isLength)) {
    throw damaged(`the place of ${label} is ${shown(offsets)}, expected [start, end]`);
  }
  const [start, end] = offsets as [number, number];
  if (start > end || end > available) {
    throw damaged(
      `${label} lies at bytes ${start} to ${end}, expected a place within ${available} bytes of values`,
    );
  }
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  if (size * format.bytes !== end - start) {
    throw damaged(
      `${label} has ${end - start} bytes, expected ${size * format.bytes} for shape ${clipped(formatShape(shape))}`,
    );
  }
  return { name, format, shape, start, end };
}

/** The format has no gaps and no overlaps. */
function checkCoverage(entries: readonly Entry[], available: number): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end) {
      throw damaged(
        `${clipped(entry.name)} starts at byte ${entry.start}, expected ${end}, where the tensor before it ends`,
      );
    }
    end = entry.end;
  }
  if (end !== available) throw damaged(`got ${available} bytes of values, expected ${end}`);
}

/** A foreign value for a message: it may be of any size and depth. */
function shown(value: unknown): string {
  try {
    return clipped(String(JSON.stringify(value)));
  } catch {
    return "a list or object too deep to show";
  }
}

function clipped(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
