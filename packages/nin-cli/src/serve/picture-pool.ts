import { fileURLToPath } from "node:url";
import { DataError, type Explanation, type Invert } from "nin-net";
import workerpool from "workerpool";
import type { PictureResult, PictureTask } from "./picture-worker.ts";

/** What the service does with pictures. */
export interface Pictures {
  /**
   * Makes of a picture file what the network was trained on.
   *
   * @returns 28 * 28 grey levels
   * @throws DataError if it is no picture, is damaged or has more pixels than allowed
   */
  prepare(file: Uint8Array, options: PrepareFileOptions): Promise<Uint8Array>;

  /** Draws an explanation of an image of 28 * 28 grey levels, as PNG. */
  draw(explanation: Explanation, pixels: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

export interface PrepareFileOptions {
  readonly invert: Invert;
  readonly mostPixels: number;
  readonly signal: AbortSignal;
}

/** Pictures worked on at the same time: each takes a core, and a decoded one three bytes a pixel. */
const threads = 2;

/**
 * Worker threads for pictures. What is given up while it waits is not begun; what is begun is done to its end.
 */
export class PicturePool implements Pictures {
  readonly #pool = workerpool.pool(fileURLToPath(new URL("./picture-worker.js", import.meta.url)), {
    workerType: "thread",
    minWorkers: threads,
    maxWorkers: threads,
  });
  #running = 0;
  /** Tasks that wait for a thread, longest first. */
  readonly #waiting = new Set<() => void>();

  prepare(file: Uint8Array, { signal, ...options }: PrepareFileOptions): Promise<Uint8Array> {
    return this.#run({ kind: "prepare", file, ...options }, signal);
  }

  draw(explanation: Explanation, pixels: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#run({ kind: "draw", explanation, pixels }, signal);
  }

  async #run(task: PictureTask, signal: AbortSignal): Promise<Uint8Array> {
    await this.#turn(signal);
    try {
      // Without the signal: it would end the thread, which can hang inside of the decoder.
      const result: PictureResult = await this.#pool.exec("work", [task]);
      if ("refusal" in result) throw new DataError(result.refusal);
      return result.bytes;
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      next?.();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        this.#waiting.delete(begin);
        signal.removeEventListener("abort", giveUp);
        this.#running++;
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(begin);
        reject(signal.reason);
      };
      if (signal.aborted) giveUp();
      else if (this.#running < threads) begin();
      else {
        this.#waiting.add(begin);
        signal.addEventListener("abort", giveUp, { once: true });
      }
    });
  }

  /** Ends the threads, when what they have begun is done. */
  async close(): Promise<void> {
    await this.#pool.terminate();
  }
}
