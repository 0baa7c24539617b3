import { DisposedError, NinError } from "../../core/errors.ts";
import { pauses } from "../../core/pauses.ts";
import { type KernelFunction, kernelNames, RunWord, runTasks } from "./instructions.ts";
import { type Death, openWorker, type ToWorker, type WorkerHandle } from "./open-worker.ts";

/** Runs programs, on one thread or many. */
export interface Executor extends Disposable {
  readonly threads: number;
  /** @param run - address of the run's words; see {@link RunWord} */
  run(run: number): Promise<void>;
}

/** Runs on the calling thread, for pages without shared memory; lets other tasks of the page in every 20 ms. */
export class InlineExecutor implements Executor {
  readonly threads = 1;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: readonly KernelFunction[];
  #disposed = false;

  constructor(instance: WebAssembly.Instance, memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#kernels = kernelNames.map((name) => instance.exports[name] as KernelFunction);
  }

  async run(run: number): Promise<void> {
    const pause = pauses();
    for (const _ of runTasks(this.#memory, this.#kernels, run, 0, 1)) {
      const paused = pause();
      if (paused === undefined) continue;
      await paused;
      if (this.#disposed) throw new DisposedError("The CPU device");
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
  }
}

/** A pool of workers over one shared memory. The calling thread never blocks. */
export class WorkerPool implements Executor {
  readonly threads: number;
  readonly #memory: WebAssembly.Memory;
  readonly #workers: WorkerHandle[] = [];
  /** Answers still to come for what the workers were told last. */
  #waiting = 0;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;
  #run: number | undefined;
  #started = false;
  #disposed = false;

  private constructor(memory: WebAssembly.Memory, threads: number) {
    this.#memory = memory;
    this.threads = threads;
    for (let thread = 0; thread < threads; thread++) {
      this.#workers.push(
        openWorker({
          onMessage: (message) => this.#answer(message.kind === "failed" ? message.message : undefined),
          onDeath: (death) => this.#died(thread, death),
        }),
      );
    }
  }

  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    shape: number,
    threads: number,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(memory, threads);
    try {
      await pool.#tell((thread) => ({ kind: "start", module, memory, shape, thread, threads }));
      pool.#started = true;
      return pool;
    } catch (error) {
      pool[Symbol.dispose]();
      throw error;
    }
  }

  async run(run: number): Promise<void> {
    this.#run = run;
    try {
      await this.#tell(() => ({ kind: "run", run }));
    } finally {
      this.#run = undefined;
    }
  }

  /** Tells every worker something and waits until all have answered. */
  #tell(message: (thread: number) => ToWorker): Promise<void> {
    if (this.#disposed) throw new DisposedError("The CPU device");
    if (this.#failure) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#waiting = this.threads;
      this.#settle = { resolve, reject };
      this.#workers.forEach((worker, thread) => {
        worker.hold(true);
        worker.post(message(thread));
      });
    });
  }

  #answer(failure: string | undefined): void {
    if (failure !== undefined) {
      this.#fail(`A thread of the CPU backend failed: ${failure}. Open a new device to go on.`);
    }
    if (--this.#waiting > 0) return;
    this.#letGo();
    if (this.#failure) this.#settle?.reject(this.#failure);
    else this.#settle?.resolve();
    this.#settle = undefined;
  }

  #died(thread: number, { cause, advice = "Open a new device to go on." }: Death): void {
    if (this.#disposed) return;
    const what = this.#started ? "died" : "did not start";
    this.#fail(`Thread ${thread} of the CPU backend ${what}: ${cause}. ${advice}`);
    this.#letGo();
    this.#settle?.reject(this.#failure!);
    this.#settle = undefined;
  }

  /** Lets the process end: nothing is waited for. */
  #letGo(): void {
    for (const worker of this.#workers) worker.hold(false);
  }

  /** Remembers the first failure and wakes the threads that wait for the one that failed. */
  #fail(message: string): void {
    this.#failure ??= new NinError(message);
    if (this.#run === undefined) return;
    const words = new Int32Array(this.#memory.buffer);
    Atomics.store(words, (this.#run >>> 2) + RunWord.failed, 1);
    Atomics.notify(words, (this.#run >>> 2) + RunWord.generation);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const worker of this.#workers) worker.terminate();
    this.#settle?.reject(new DisposedError("The CPU device"));
    this.#settle = undefined;
  }
}
