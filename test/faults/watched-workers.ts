import threads, { type Worker } from "node:worker_threads";

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

  [Symbol.dispose](): void {
    threads.Worker = this.#original;
  }
}
