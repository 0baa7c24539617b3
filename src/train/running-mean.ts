import type { BatchMeasure } from "./session.ts";

/** Loss and accuracy over the batches so far, every image counting the same. */
export class RunningMean {
  #lossNatsSum = 0;
  #correct = 0;
  #images = 0;

  add({ lossNatsSum, correct, images }: BatchMeasure): void {
    this.#lossNatsSum += lossNatsSum;
    this.#correct += correct;
    this.#images += images;
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
