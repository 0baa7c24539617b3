import { DisposedError } from "../../core/errors.ts";
import type { DeviceState, HostTensor } from "../backend.ts";
import { checkUsed, checkValues, checkWritten, noSuchState } from "../checks.ts";
import type { Buffer } from "./dispatch.ts";
import type { GpuHost } from "./host.ts";
import { mapModeRead } from "./usage.ts";

/** Weights and the like in GPU memory, float32. */
export class WebGpuState implements DeviceState {
  readonly host: GpuHost;
  readonly #buffers = new Map<string, Buffer>();
  readonly #memory = new Map<Buffer, GPUBuffer>();
  #disposed = false;

  constructor(host: GpuHost, values: Readonly<Record<string, HostTensor>>) {
    this.host = host;
    checkValues(values);
    for (const [name, { data }] of Object.entries(values)) {
      const buffer: Buffer = { bytes: 4 * data.length, persistent: true };
      const memory = host.memory.allocate(buffer.bytes);
      host.gpu.queue.writeBuffer(memory, 0, Float32Array.from(data));
      this.#buffers.set(name, buffer);
      this.#memory.set(buffer, memory);
    }
  }

  get names(): readonly string[] {
    return [...this.#buffers.keys()];
  }

  read(name: string): Promise<Float32Array> {
    const { gpu, memory } = this.host;
    return this.host.exclusiveReportingLoss(async () => {
      const buffer = this.#get(name);
      const readback = await memory.checked(
        () => memory.takeReadback(buffer.bytes),
        `reading the state "${name}"`,
      );
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(this.#memory.get(buffer)!, 0, readback, 0, buffer.bytes);
      gpu.queue.submit([encoder.finish()]);
      await readback.mapAsync(mapModeRead, 0, buffer.bytes);
      const values = new Float32Array(readback.getMappedRange(0, buffer.bytes)).slice();
      memory.returnReadback(readback);
      return values;
    });
  }

  write(name: string, data: Float32Array): Promise<void> {
    return this.host.exclusiveReportingLoss(async () => {
      const buffer = this.#get(name);
      checkWritten(name, data.length, buffer.bytes / 4);
      this.host.gpu.queue.writeBuffer(this.#memory.get(buffer)!, 0, data.slice());
    });
  }

  /** The buffer of a value, for programs. */
  buffer(name: string, bytes: number): Buffer {
    const buffer = this.#get(name);
    checkUsed(name, buffer.bytes / 4, bytes / 4);
    return buffer;
  }

  /** The memory of a buffer; undefined if it is not one of this state's. */
  memoryOf(buffer: Buffer): GPUBuffer | undefined {
    return this.#memory.get(buffer);
  }

  check(): void {
    if (this.#disposed) throw new DisposedError("The state");
    this.host.check();
  }

  #get(name: string): Buffer {
    this.check();
    const buffer = this.#buffers.get(name);
    if (buffer !== undefined) return buffer;
    throw noSuchState(name, this.names);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.host.exclusive(async () => {
      for (const memory of this.#memory.values()) memory.destroy();
    });
  }
}
