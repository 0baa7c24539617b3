import type { BatchMeasure } from "./session.ts";

/** Loss and accuracy over the batches so far, every image counting the same. */
export class RunningMean {
  #lossNatsSum: number;
  #correct: number;
  #images: number;

  /** @param before - sums to go on from, e.g. those of a run that was stopped; default: none */
  constructor(before: BatchMeasure = { lossNatsSum: 0, correct: 0, images: 0 }) {
    this.#lossNatsSum = before.lossNatsSum;
    this.#correct = before.correct;
    this.#images = before.images;
  }

  add({ lossNatsSum, correct, images }: BatchMeasure): void {
    this.#lossNatsSum += lossNatsSum;
    this.#correct += correct;
    this.#images += images;
  }

  get sums(): BatchMeasure {
    return { lossNatsSum: this.#lossNatsSum, correct: this.#correct, images: this.#images };
  }

  get images(): number {
    return this.#images;
  }

  get lossNats(): number {
    return this.#lossNatsSum / this.#images;
  }

  /** 0..1 */
  get accuracy(): number {
    return this.#correct / this.#images;
  }
}
