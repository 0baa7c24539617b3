import type { RandomStream } from "../../core/random.ts";

/** Draws one number after the other from a random stream. */
export class RandomValues {
  readonly #stream: RandomStream;
  #next = 0;

  constructor(stream: RandomStream) {
    this.#stream = stream;
  }

  /** Uniform between two values. */
  between(low: number, high: number): number {
    return low + (high - low) * this.#stream.uniform(this.#next++);
  }

  /** True in a share of all cases. */
  chance(share: number): boolean {
    return this.between(0, 1) < share;
  }

  /** An unsigned 32-bit word. */
  word(): number {
    return this.#stream.word(this.#next++);
  }
}
