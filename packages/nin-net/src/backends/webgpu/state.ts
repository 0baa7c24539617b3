import { DisposedError } from "../../core/errors.ts";
import type { DeviceState, HostTensor } from "../backend.ts";
import { checkUsed, checkValues, checkWritten, noSuchState } from "../checks.ts";
import type { WebGpuDevice } from "./device.ts";
import type { Buffer } from "./lowering.ts";
import { mapModeRead } from "./usage.ts";

/** Weights and the like in GPU memory, float32. */
export class WebGpuState implements DeviceState {
  readonly device: WebGpuDevice;
  readonly #values = new Map<string, { readonly buffer: Buffer; readonly memory: GPUBuffer }>();
  #disposed = false;

  constructor(device: WebGpuDevice, values: Readonly<Record<string, HostTensor>>) {
    this.device = device;
    checkValues(values);
    for (const [name, { data }] of Object.entries(values)) {
      const buffer: Buffer = { bytes: 4 * data.length, kept: true };
      const memory = device.memory.allocate(buffer.bytes);
      device.gpu.queue.writeBuffer(memory, 0, Float32Array.from(data));
      this.#values.set(name, { buffer, memory });
    }
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  read(name: string): Promise<Float32Array> {
    return this.device.guarded(async () => {
      const { buffer, memory } = this.#get(name);
      const readback = await this.device.memory.checked(
        () => this.device.memory.readback(buffer.bytes),
        `reading the state "${name}"`,
      );
      const encoder = this.device.gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(memory, 0, readback, 0, buffer.bytes);
      this.device.gpu.queue.submit([encoder.finish()]);
      await readback.mapAsync(mapModeRead, 0, buffer.bytes);
      const values = new Float32Array(readback.getMappedRange(0, buffer.bytes)).slice();
      this.device.memory.giveBack(readback);
      return values;
    });
  }

  write(name: string, data: Float32Array): Promise<void> {
    return this.device.guarded(async () => {
      const { buffer, memory } = this.#get(name);
      checkWritten(name, data.length, buffer.bytes / 4);
      this.device.gpu.queue.writeBuffer(memory, 0, data.slice());
    });
  }

  /** Where a program finds a value. */
  buffer(name: string, bytes: number): Buffer {
    const { buffer } = this.#get(name);
    checkUsed(name, buffer.bytes / 4, bytes / 4);
    return buffer;
  }

  /** Every value's buffer and where it lies. */
  places(): ReadonlyMap<Buffer, GPUBuffer> {
    return new Map([...this.#values.values()].map(({ buffer, memory }) => [buffer, memory]));
  }

  check(): void {
    if (this.#disposed) throw new DisposedError("The state");
    this.device.check();
  }

  #get(name: string) {
    this.check();
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw noSuchState(name, this.names);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.device.exclusive(async () => {
      for (const { memory } of this.#values.values()) memory.destroy();
    });
  }
}
