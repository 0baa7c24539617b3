/** Brings results of a batch from the GPU to the caller's memory. */
import { sizeOf } from "../../graph/node.ts";
import type { HostTensor } from "../backend.ts";
import { arrays } from "../inputs.ts";
import type { BoundOutput } from "./bound-graph.ts";
import type { GpuMemory } from "./memory.ts";
import { mapModeRead } from "./usage.ts";

/** Outputs in one buffer that can be mapped, in the order in which they are copied there. */
export class Readback {
  readonly #memory: GpuMemory;
  readonly #encoder: GPUCommandEncoder;
  readonly #outputs: readonly BoundOutput[];
  readonly #bytes: number;
  /** Undefined if there is nothing to read. */
  readonly #buffer: GPUBuffer | undefined;
  #copied = 0;

  /** @param outputs - all that will be copied, in order; an output of slices appears once a slice */
  constructor(memory: GpuMemory, encoder: GPUCommandEncoder, outputs: readonly BoundOutput[]) {
    this.#memory = memory;
    this.#encoder = encoder;
    this.#outputs = outputs;
    this.#bytes = outputs.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#buffer = this.#bytes > 0 ? memory.takeReadback(this.#bytes) : undefined;
  }

  /** Adds the commands that copy the next outputs. */
  copy(outputs: readonly BoundOutput[]): void {
    for (const { memory, bytes } of outputs) {
      this.#encoder.copyBufferToBuffer(memory, 0, this.#buffer!, this.#copied, bytes);
      this.#copied += bytes;
    }
  }

  /** Waits for the commands. @returns the outputs by name; undefined if there are none, which waits for nothing */
  async read(): Promise<Readonly<Record<string, HostTensor>> | undefined> {
    if (this.#buffer === undefined) return undefined;
    await this.#buffer.mapAsync(mapModeRead, 0, this.#bytes);
    const bytes = this.#buffer.getMappedRange(0, this.#bytes).slice(0);
    this.#memory.returnReadback(this.#buffer);
    return this.#joined(bytes);
  }

  /** Outputs by name; those of several slices are joined along the leading axis. */
  #joined(bytes: ArrayBuffer): Readonly<Record<string, HostTensor>> {
    const parts = new Map<string, { readonly output: BoundOutput; readonly offset: number }[]>();
    let offset = 0;
    for (const output of this.#outputs) {
      parts.set(output.name, [...(parts.get(output.name) ?? []), { output, offset }]);
      offset += output.bytes;
    }
    return Object.fromEntries([...parts].map(([name, list]) => [name, join(bytes, list)]));
  }
}

function join(
  bytes: ArrayBuffer,
  parts: readonly { readonly output: BoundOutput; readonly offset: number }[],
): HostTensor {
  const { dtype, shape } = parts[0]!.output.type;
  const leading = parts.reduce((sum, { output }) => sum + (output.type.shape[0] ?? 1), 0);
  const joined = parts.length > 1 ? [leading, ...shape.slice(1)] : shape;
  const data = new arrays[dtype](sizeOf(joined));
  let at = 0;
  for (const { output, offset } of parts) {
    const length = sizeOf(output.type.shape);
    data.set(new arrays[dtype](bytes, offset, length), at);
    at += length;
  }
  return { shape: joined, dtype, data };
}
