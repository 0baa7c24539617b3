/**
 * Counter-based random numbers: a pure function of seed and place, so there is no generator state to save and
 * any thread, backend or resumed run draws the same numbers.
 *
 * Philox4x32-10: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */

/** What a random number is for: each purpose has a stream of its own. */
export const Purpose = { shuffle: 1, initialise: 2, dropout: 3, draw: 4, augment: 5 } as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** Four 32-bit words: the counter of {@link philox} and its result. */
export type Words4 = readonly [number, number, number, number];

/**
 * Philox4x32-10.
 *
 * @param counter - four unsigned 32-bit words
 * @param key - two unsigned 32-bit words
 * @returns four unsigned 32-bit words, uniformly distributed
 */
export function philox(counter: Words4, key: readonly [number, number]): Words4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** A stream of random numbers for one purpose; `stream` and `epoch` pick an independent one each. */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #stream: number;
  readonly #epoch: number;
  /** The block drawn last: four neighbouring words come from one. */
  #block = -1;
  #words: Words4 = [0, 0, 0, 0];

  /**
   * @param seed - any integer; its lower 32 bits count
   * @param purpose - see {@link Purpose}
   * @param stream - e.g. the index of the parameter that is initialised
   * @param epoch - e.g. the epoch that is shuffled
   */
  constructor(seed: number, purpose: Purpose, stream = 0, epoch = 0) {
    this.#key = [seed >>> 0, purpose];
    this.#stream = stream >>> 0;
    this.#epoch = epoch >>> 0;
  }

  /** The `index`-th unsigned 32-bit word of the stream. */
  word(index: number): number {
    const block = Math.floor(index / 4);
    if (block !== this.#block) {
      this.#words = philox([block >>> 0, 0, this.#stream, this.#epoch], this.#key);
      this.#block = block;
    }
    return this.#words[index & 3]!;
  }

  /** The `index`-th number, uniform in [0, 1), a multiple of 2^-24: exact in float32. */
  uniform(index: number): number {
    return (this.word(index) >>> 8) / 0x1000000;
  }

  /** A permutation of 0..n-1 (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((this.word(i) / 0x100000000) * (i + 1));
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }
}
