/** GPU memory of a device: what programs share, and what they own. */
import { GpuMemoryError } from "./errors.ts";
import type { Slot } from "./plan-memory.ts";
import { BufferUsage, paddedBytes, tensorUsage } from "./usage.ts";

export class GpuMemory {
  readonly #device: GPUDevice;
  /** What is in use within one run only: runs follow each other on the queue, so that all programs share it. */
  readonly #slots: GPUBuffer[] = [];
  readonly #idleReadbacks: GPUBuffer[] = [];
  /** Changes when a slot has been replaced by a larger one. */
  generation = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Bytes of the largest tensor that a kernel can use. */
  get largest(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** A buffer of its own for a tensor; whoever asks destroys it. */
  allocate(bytes: number, usage: number = tensorUsage): GPUBuffer {
    return this.#device.createBuffer({ size: paddedBytes(bytes), usage });
  }

  /** Makes shared buffers at least as large as the slots of a plan. */
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

  /**
   * Runs allocations and waits for the driver's word on them.
   *
   * @throws GpuMemoryError if they do not fit; what programs share is given up then
   */
  async checked(allocations: () => void, what: string): Promise<void> {
    this.#device.pushErrorScope("out-of-memory");
    let failure: unknown;
    try {
      allocations();
    } catch (error) {
      failure = error;
    }
    const refused = await this.#device.popErrorScope();
    if (refused === null && failure === undefined) return;
    this.release();
    const reason = refused?.message ?? (failure as Error).message;
    throw new GpuMemoryError(`The GPU has too little memory for ${what}: ${reason.split("\n")[0]}`);
  }

  /** A buffer to read results from; give it back with {@link giveBack}. */
  readback(bytes: number): GPUBuffer {
    const at = this.#idleReadbacks.findIndex(({ size }) => size >= bytes);
    const [idle] = at >= 0 ? this.#idleReadbacks.splice(at, 1) : [];
    return idle ?? this.allocate(bytes, BufferUsage.mapRead | BufferUsage.copyTarget);
  }

  giveBack(readback: GPUBuffer): void {
    readback.unmap();
    if (this.#idleReadbacks.length < 4) this.#idleReadbacks.push(readback);
    else readback.destroy();
  }

  /** Frees everything that is shared; the next program provides it again. */
  release(): void {
    for (const buffer of [...this.#slots, ...this.#idleReadbacks]) buffer.destroy();
    this.#slots.length = 0;
    this.#idleReadbacks.length = 0;
    this.generation++;
  }
}
