import { fileURLToPath } from "node:url";
import { DataError, type Explanation, type Invert, type PictureNote, type PicturePreparation } from "nin-net";
import workerpool from "workerpool";
import type { ImageShape } from "./model.ts";
import type { PictureResult, PictureTask } from "./picture-worker.ts";

/** What the service does with pictures. */
export interface Pictures {
  /**
   * Makes of a picture file what the network was trained on.
   *
   * @throws DataError if it is no picture, is damaged or has more pixels than allowed
   */
  prepare(file: Uint8Array, options: PrepareFileOptions): Promise<PreparedFile>;

  /** Draws an explanation of such an image, as PNG. */
  draw(explanation: Explanation, pixels: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

/** A picture file as the network takes it. */
export interface PreparedFile {
  /** height * width * channels bytes. */
  readonly pixels: Uint8Array;
  /** Why an answer about it may be wrong. */
  readonly notes: readonly PictureNote[];
}

export interface PrepareFileOptions {
  readonly invert: Invert;
  readonly mostPixels: number;
  readonly signal: AbortSignal;
}

/** What a worker thread answers if it does not refuse. */
type DonePicture = Exclude<PictureResult, { readonly refusal: string }>;

/** Pictures worked on at the same time: each takes a core, and a decoded one three bytes a pixel. */
const threads = 2;

export interface PicturePoolOptions {
  /** What pictures are made into. */
  readonly image: ImageShape;
  /** As the images of the network's data set were. */
  readonly preparation: PicturePreparation;
}

/**
 * Worker threads for pictures. What is given up while it waits is not begun; what is begun is done to its end.
 */
export class PicturePool implements Pictures {
  readonly #pool = workerpool.pool(fileURLToPath(new URL("./picture-worker.js", import.meta.url)), {
    workerType: "thread",
    minWorkers: threads,
    maxWorkers: threads,
  });
  readonly #options: PicturePoolOptions;
  #running = 0;
  /** Tasks that wait for a thread, longest first. */
  readonly #waiting = new Set<() => void>();

  constructor({ image, preparation }: PicturePoolOptions) {
    this.#options = { image, preparation };
  }

  async prepare(file: Uint8Array, { signal, ...options }: PrepareFileOptions): Promise<PreparedFile> {
    const task = { kind: "prepare", file, ...options, ...this.#options } as const;
    const { bytes: pixels, notes } = await this.#run(task, signal);
    return { pixels, notes };
  }

  async draw(explanation: Explanation, pixels: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { image } = this.#options;
    return (await this.#run({ kind: "draw", explanation, image, pixels }, signal)).bytes;
  }

  async #run(task: PictureTask, signal: AbortSignal): Promise<DonePicture> {
    await this.#turn(signal);
    try {
      // Without the signal: it would end the thread, which can hang inside of the decoder.
      const result: PictureResult = await this.#pool.exec("work", [task]);
      if ("refusal" in result) throw new DataError(result.refusal);
      return result;
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
