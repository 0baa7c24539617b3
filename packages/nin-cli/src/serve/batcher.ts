/** Told what a {@link Batcher} does. */
export interface BatchObserver {
  /** @param seconds - that the batch took to run */
  ran(items: number, seconds: number): void;
}

interface Waiting<In, Out> {
  readonly item: In;
  readonly signal: AbortSignal;
  readonly resolve: (result: Out) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Runs items that wait at the same moment as one batch: while a batch runs, those that come gather for the next
 * one. An item that comes alone does not wait for company.
 */
export class Batcher<In, Out> {
  readonly #run: (items: readonly In[]) => Promise<readonly Out[]>;
  readonly #most: number;
  readonly #observer: BatchObserver | undefined;
  readonly #waiting = new Set<Waiting<In, Out>>();
  #isRunning = false;

  /**
   * @param run - gives one result for each item, in their order
   * @param most - items in a batch
   */
  constructor(
    run: (items: readonly In[]) => Promise<readonly Out[]>,
    most: number,
    observer?: BatchObserver,
  ) {
    this.#run = run;
    this.#most = most;
    this.#observer = observer;
  }

  /** Items whose batch has not begun. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * The item's result; items are taken in the order in which they came.
   *
   * @param signal - takes the item back, unless its batch has begun; the promise then rejects with its reason
   */
  submit(item: In, signal: AbortSignal): Promise<Out> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const takeBack = () => {
        this.#waiting.delete(entry);
        reject(signal.reason);
      };
      const entry: Waiting<In, Out> = {
        item,
        signal,
        resolve: (result) => {
          signal.removeEventListener("abort", takeBack);
          resolve(result);
        },
        reject: (reason) => {
          signal.removeEventListener("abort", takeBack);
          reject(reason);
        },
      };
      signal.addEventListener("abort", takeBack, { once: true });
      this.#waiting.add(entry);
      this.#start();
    });
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // At the end of this turn of the event loop: requests that arrived together go together.
    setImmediate(() => void this.#work());
  }

  async #work(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, this.#most);
      for (const entry of batch) this.#waiting.delete(entry);
      const startedAt = performance.now();
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        this.#observer?.ran(batch.length, (performance.now() - startedAt) / 1000);
        batch.forEach((entry, i) => {
          entry.resolve(results[i]!);
        });
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
      // Answers go out and requests come in before the next batch is made up.
      await new Promise((resume) => setImmediate(resume));
    }
    this.#isRunning = false;
  }
}
