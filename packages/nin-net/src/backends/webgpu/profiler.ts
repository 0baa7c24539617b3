/** Times the dispatches of a run. */
import { costOf } from "../../graph/op.ts";
import type { ProfileRow } from "../backend.ts";
import type { Dispatch } from "./dispatch.ts";
import { BufferUsage, mapModeRead } from "./usage.ts";

/** WebGPU's limit for one query set. */
const mostQueries = 4096;
const queryResolve = 0x200;

/** Times dispatches by the GPU's timestamps, each in a pass of its own. */
export class DispatchTimer implements Disposable {
  readonly #gpu: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #readback: GPUBuffer;
  /** In the order in which they ran; dispatches beyond the last query are not timed. */
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

  /** Adds the commands that copy the timestamps to where they can be read; after the last pass. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.dispatches.length;
    if (count === 0) return;
    encoder.resolveQuerySet(this.#queries, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback, 0, 8 * count);
  }

  /** Seconds of each dispatch. */
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

/** One row for each dispatch: the total of its runs, once a slice. */
export function profileRows(dispatches: readonly Dispatch[], seconds: readonly number[]): ProfileRow[] {
  const rows = new Map<Dispatch, { runs: number; seconds: number }>();
  dispatches.forEach((dispatch, i) => {
    const row = rows.get(dispatch) ?? { runs: 0, seconds: 0 };
    rows.set(dispatch, { runs: row.runs + 1, seconds: row.seconds + seconds[i]! });
  });
  return [...rows].map(([{ kernel, node, phase, main, buffers }, row]) => {
    const bytes = [...new Set(buffers)].reduce((sum, buffer) => sum + buffer.bytes, 0);
    return {
      op: node?.op.opName,
      kernel,
      shape: node?.type.shape,
      phase,
      runs: row.runs,
      seconds: row.seconds,
      flops: row.runs * (node && main ? costOf(node).flops : 0),
      bytes: row.runs * bytes,
    };
  });
}
