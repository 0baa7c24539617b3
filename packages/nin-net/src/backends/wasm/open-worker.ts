/** Starts a thread of the CPU backend: a worker thread of Node, or a browser's worker. */
import { NinError } from "../../core/errors.ts";
import { watchPolicy } from "./page-policy.ts";

/** What a worker is told. */
export type ToWorker =
  | {
      readonly kind: "start";
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
      readonly shape: number;
      readonly thread: number;
      readonly threads: number;
    }
  | { readonly kind: "run"; readonly run: number };

export type FromWorker = { readonly kind: "done" } | { readonly kind: "failed"; readonly message: string };

/** The few calls of Node's worker threads and of browsers' workers that are needed here. */
export interface WorkerHandle {
  post(message: ToWorker): void;
  /** Keeps the process alive, or not. */
  hold(alive: boolean): void;
  terminate(): void;
}

/** Why a worker is no more, and what to do about it if that is known. */
export interface Death {
  readonly cause: string;
  readonly advice?: string;
}

/** What the owner of a worker wants to hear of it. */
export interface WorkerListener {
  readonly onMessage: (message: FromWorker) => void;
  readonly onDeath: (death: Death) => void;
}

/** @throws NinError if the page may not have such a worker */
export function openWorker(listener: WorkerListener): WorkerHandle {
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  return threads ? openThread(threads, listener) : openPageWorker(listener);
}

const besideScript = "It belongs beside the bundled script: see Bundlers in the README of nin-net.";
const moduleMissing: Death = {
  cause: "its module worker.js did not load",
  advice: `${besideScript} On a page that is cross-origin isolated it needs the same headers as the page.`,
};
const workersForbidden: Death = {
  cause: "the page's Content-Security-Policy forbids workers",
  advice: "Add 'self' to its worker-src.",
};

function openThread(
  { Worker }: typeof import("node:worker_threads"),
  { onMessage, onDeath }: WorkerListener,
): WorkerHandle {
  // In a variable, so that bundlers see only the expression that asks for the page's worker.
  const here = import.meta.url;
  // Not the flags of this process: some, such as --input-type, are refused for a file.
  const worker = new Worker(new URL("./worker.js", here), { execArgv: [] });
  worker.on("message", onMessage);
  worker.on("error", (error) => {
    const cause = error instanceof Error ? error.message : String(error);
    const isMissing = /MODULE_NOT_FOUND$/.test((error as NodeJS.ErrnoException).code ?? "");
    onDeath(isMissing ? { cause, advice: besideScript } : { cause });
  });
  worker.on("exit", (code) => onDeath({ cause: `it exited with code ${code}` }));
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

function openPageWorker({ onMessage, onDeath }: WorkerListener): WorkerHandle {
  const policy = watchPolicy("worker-src");
  const worker = newPageWorker();
  worker.onmessage = (event: MessageEvent<FromWorker>) => onMessage(event.data);
  worker.onerror = async (event: Event) => {
    // A module that does not load gives an event that has no message.
    const message = event instanceof ErrorEvent ? event.message : "";
    if (message !== "") onDeath({ cause: message });
    else onDeath((await policy.wasBroken()) ? workersForbidden : moduleMissing);
  };
  return {
    post: (message) => worker.postMessage(message),
    hold: () => {},
    terminate: () => {
      policy.stop();
      worker.terminate();
    },
  };
}

function newPageWorker(): Worker {
  try {
    // Bundlers make the worker's module a file of its own where the whole expression stands as here.
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new NinError(
      `The CPU backend cannot start a worker: ${cause} Serve the files of nin-net from the page's own origin, and let its Content-Security-Policy allow workers from there.`,
    );
  }
}
