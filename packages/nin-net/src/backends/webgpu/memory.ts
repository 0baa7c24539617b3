/** GPU memory of a device: buffers that programs share, and buffers of their own. */
import { NinError } from "../../core/errors.ts";
import { GpuMemoryError, moreMemory } from "./errors.ts";
import type { Slot } from "./plan-memory.ts";
import { BufferUsage, paddedBytes, tensorUsage } from "./usage.ts";

/** Bytes that the tensors of one run may take, unless the device is opened with another budget. */
const defaultBudgetBytes = 24 * 2 ** 30;

export class GpuMemory {
  readonly #device: GPUDevice;
  /** Bytes that the tensors of one run may take, where the slice size is ours to choose; a slice has at least one image. */
  readonly budget: number;
  /** Memory of buffers that live within one run. Runs follow each other on the queue, so all programs share it. */
  readonly #slots: GPUBuffer[] = [];
  readonly #idleReadbacks: GPUBuffer[] = [];
  /** Changes when a slot has been replaced by a larger one. */
  generation = 0;

  constructor(device: GPUDevice, budget: number = defaultBudgetBytes) {
    this.#device = device;
    this.budget = budget;
  }

  /** Bytes of the largest tensor that a kernel can bind. */
  get largest(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** A new buffer; the caller owns it. */
  allocate(bytes: number, usage: number = tensorUsage): GPUBuffer {
    return this.#device.createBuffer({ size: paddedBytes(bytes), usage });
  }

  /** Makes the shared buffers at least as large as the slots of a plan. */
  provide(slots: readonly Slot[]): void {
    slots.forEach(({ bytes }, i) => {
      const old = this.#slots[i];
      if (old !== undefined && old.size >= bytes) return;
      old?.destroy();
      this.#slots[i] = this.allocate(bytes);
      this.generation++;
    });
  }

  /** The shared buffer of slot `i`; see {@link provide}. */
  slot(i: number): GPUBuffer {
    return this.#slots[i]!;
  }

  /** Whether the GPU has memory for these slots now. Frees all shared memory. */
  async hasRoomFor(slots: readonly Slot[]): Promise<boolean> {
    if ((slots[0]?.bytes ?? 0) > this.largest) return false;
    try {
      await this.checked(() => this.provide(slots), "a trial");
      return true;
    } catch (error) {
      if (error instanceof GpuMemoryError) return false;
      throw error;
    } finally {
      this.release();
    }
  }

  /**
   * Runs allocations and waits for the driver to report whether they succeeded.
   *
   * @param what - what they are for, and how much, for the error's message
   * @param advice - end of the error's message; default: {@link moreMemory}
   * @throws GpuMemoryError if they do not fit; all shared memory is freed then
   * @throws what the allocations throw
   */
  async checked<T>(allocations: () => T, what: string, advice = moreMemory): Promise<T> {
    this.#device.pushErrorScope("out-of-memory");
    // A failed allocation gives an invalid buffer, and writing to it is a validation error.
    this.#device.pushErrorScope("validation");
    let result: T;
    let scopes: Promise<(GPUError | null)[]>;
    try {
      result = allocations();
    } finally {
      scopes = Promise.all([this.#device.popErrorScope(), this.#device.popErrorScope()]);
    }
    const [invalid, outOfMemory] = await scopes;
    if (outOfMemory) {
      this.release();
      throw new GpuMemoryError(
        `The GPU has too little memory for ${what}: ${outOfMemory.message.split("\n")[0]}. ${advice}`.trimEnd(),
      );
    }
    if (invalid) throw new NinError(`The GPU refused a buffer for ${what}: ${invalid.message}`);
    return result;
  }

  /** A buffer that results can be read from; return it with {@link returnReadback}. */
  takeReadback(bytes: number): GPUBuffer {
    const at = this.#idleReadbacks.findIndex(({ size }) => size >= bytes);
    const [idle] = at >= 0 ? this.#idleReadbacks.splice(at, 1) : [];
    return idle ?? this.allocate(bytes, BufferUsage.mapRead | BufferUsage.copyTarget);
  }

  returnReadback(readback: GPUBuffer): void {
    readback.unmap();
    if (this.#idleReadbacks.length < 4) this.#idleReadbacks.push(readback);
    else readback.destroy();
  }

  /** Frees all shared memory; the next program provides it again. */
  release(): void {
    for (const buffer of [...this.#slots, ...this.#idleReadbacks]) buffer.destroy();
    this.#slots.length = 0;
    this.#idleReadbacks.length = 0;
    this.generation++;
  }
}

/** E.g. `416 MiB`. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
}
