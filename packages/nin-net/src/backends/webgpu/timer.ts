import type { Dispatch } from "./lowering.ts";
import { BufferUsage, mapModeRead } from "./usage.ts";

/** WebGPU's limit for one set of queries. */
const mostQueries = 4096;
const queryResolve = 0x200;

/** Times dispatches by the GPU's own clock, each in a pass of its own. */
export class DispatchTimer implements Disposable {
  readonly #gpu: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #readback: GPUBuffer;
  /** In the order in which they ran; what no query was left for is not timed. */
  readonly dispatches: Dispatch[] = [];

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.#queries = gpu.createQuerySet({ type: "timestamp", count: mostQueries });
    const size = 8 * mostQueries;
    this.#resolved = gpu.createBuffer({ size, usage: queryResolve | BufferUsage.copySource });
    this.#readback = gpu.createBuffer({ size, usage: BufferUsage.mapRead | BufferUsage.copyTarget });
  }

  beginPass(encoder: GPUCommandEncoder, dispatch: Dispatch): GPUComputePassEncoder {
    const first = 2 * this.dispatches.length;
    if (first + 2 > mostQueries) return encoder.beginComputePass();
    this.dispatches.push(dispatch);
    return encoder.beginComputePass({
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      },
    });
  }

  /** Adds the commands that bring the times within reach; after the last pass. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.dispatches.length;
    if (count === 0) return;
    encoder.resolveQuerySet(this.#queries, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback, 0, 8 * count);
  }

  /** What each dispatch took. */
  async seconds(): Promise<number[]> {
    await this.#gpu.queue.onSubmittedWorkDone();
    await this.#readback.mapAsync(mapModeRead);
    const nanoseconds = new BigUint64Array(this.#readback.getMappedRange());
    return this.dispatches.map((_, i) =>
      Math.max(0, Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e9),
    );
  }

  [Symbol.dispose](): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#readback.destroy();
  }
}
