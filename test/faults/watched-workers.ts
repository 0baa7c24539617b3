import assert from "node:assert/strict";
import threads, { type Worker } from "node:worker_threads";
import { settled } from "./system.js";

/** Lets a test get at the workers that are started meanwhile, to end them; Node's own class is put back at the end. */
export class WatchedWorkers implements Disposable {
  readonly workers: Worker[] = [];
  readonly #original = threads.Worker;

  /** @param onStart - is given each worker as it is made */
  constructor(onStart: (worker: Worker) => void = () => {}) {
    const { workers } = this;
    threads.Worker = class extends this.#original {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
        onStart(this);
      }
    };
  }

  /** Waits for the end of every worker. @throws AssertionError if some go on */
  async checkEnded(): Promise<void> {
    assert.ok(this.workers.length > 0, "no worker was started");
    // An ended one has no number any more.
    const running = () => this.workers.filter(({ threadId }) => threadId !== -1).length;
    assert.equal(await settled(running, 0), 0, "threads are left");
  }

  [Symbol.dispose](): void {
    threads.Worker = this.#original;
  }
}
