/**
 * The order in which values are added over the slices of a batch. Every backend adds in this order, so that the bits
 * of a sum depend on nothing but the values of the slices.
 *
 * Slices are the leaves of a binary tree, filled like a binary counter. A value of level l stands for 2^l slices in
 * order, and two neighbours of level l make one of level l + 1: left + right. What is left over when the slices end
 * is added from the right: of 7 slices, (s0 s1 s2 s3) + ((s4 s5) + s6). Equally: the sum of n > 1 slices is the sum
 * of the first 2^k, the largest power of two below n, plus the sum of the rest.
 *
 * So 2^k slices that begin at a multiple of 2^k are a subtree: another process may add them up, and the bits of the
 * total stay the same, however many processes share a batch by recursive doubling.
 *
 * A backend needs a stack of partial sums, as deep as {@link partialSums} says. Each slice adds the topmost of them to
 * its own value, pops them, and pushes the result, as {@link sumPosition} says.
 */
export interface SumPosition {
  /** Where in the stack the result goes, from 0; the total ends at 0. */
  readonly position: number;
  /** Partial sums that are added to the slice's value v: p[position] + (... + (p[position + count - 1] + v)). */
  readonly count: number;
}

/**
 * What to do with the value of a slice.
 *
 * @param slice - its index in the batch, from 0
 * @param slices - of the whole batch
 */
export function sumPosition(slice: number, slices: number): SumPosition {
  const depth = bitsSet(slice);
  // A partial sum for each bit of the index: those of its trailing ones are complete now, the last slice takes all.
  const count = slice === slices - 1 ? depth : bitsSet(slice & ~(slice + 1));
  return { position: depth - count, count };
}

/** The depth of the stack: 4 for 16 slices. */
export function partialSums(slices: number): number {
  return Math.max(1, 31 - Math.clz32(slices));
}

/** Adds values over slices that come one after the other. */
export class SliceSum<T> {
  readonly #add: (left: T, right: T) => T;
  readonly #slices: number;
  readonly #partial: T[] = [];
  #slice = 0;

  /** @param slices - how many values will come */
  constructor(slices: number, add: (left: T, right: T) => T) {
    this.#slices = slices;
    this.#add = add;
  }

  push(value: T): void {
    const { position } = sumPosition(this.#slice++, this.#slices);
    const sum = this.#partial.splice(position).reduceRight((right, left) => this.#add(left, right), value);
    this.#partial.push(sum);
  }

  /** Of all slices, once all have come. */
  get total(): T {
    return this.#partial[0]!;
  }
}

function bitsSet(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}
