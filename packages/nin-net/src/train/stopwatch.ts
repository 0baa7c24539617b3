/** Adds up stretches of time. */
export class Stopwatch {
  #secondsBefore: number;
  #startedAt: number | undefined;

  /** @param secondsBefore - what to go on from; default 0 */
  constructor(secondsBefore = 0) {
    this.#secondsBefore = secondsBefore;
  }

  /** Begins a stretch; continues the current one if there is one. */
  start(): void {
    this.#startedAt ??= performance.now();
  }

  stop(): void {
    this.#secondsBefore = this.seconds;
    this.#startedAt = undefined;
  }

  /** All stretches so far, the running one included. */
  get seconds(): number {
    if (this.#startedAt === undefined) return this.#secondsBefore;
    return this.#secondsBefore + (performance.now() - this.#startedAt) / 1000;
  }
}
