/** Adds up stretches of time. */
export class Stopwatch {
  #secondsBefore = 0;
  #startedAt: number | undefined;

  start(): void {
    this.#startedAt = performance.now();
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
