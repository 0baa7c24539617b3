/** A thread of the CPU backend: runs its share of each program it is told to. */
import { type KernelFunction, kernelNames, runProgram } from "./instructions.ts";
import type { ToWorker } from "./open-worker.ts";

interface Port {
  postMessage(message: unknown): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/** The same few calls for Node's worker threads and for browsers' workers. */
function openPort(): Port {
  const parent = globalThis.process?.getBuiltinModule?.("node:worker_threads").parentPort;
  if (parent) {
    return {
      postMessage: (message) => parent.postMessage(message),
      onMessage: (listener) => parent.on("message", listener),
    };
  }
  return {
    postMessage: (message) => globalThis.postMessage(message),
    onMessage: (listener) => {
      globalThis.onmessage = (event: MessageEvent<ToWorker>) => listener(event.data);
    },
  };
}

const port = openPort();
let kernels: readonly KernelFunction[] = [];
let start: Extract<ToWorker, { kind: "start" }> | undefined;

port.onMessage((message) => {
  try {
    if (message.kind === "start") {
      start = message;
      const { exports } = new WebAssembly.Instance(message.module, {
        env: { memory: message.memory, abort },
      });
      (exports.setShape as (index: number) => void)(message.shape);
      kernels = kernelNames.map((name) => exports[name] as KernelFunction);
    } else if (start !== undefined) {
      runProgram(start.memory, kernels, message.run, start.thread, start.threads);
    }
    port.postMessage({ kind: "done" });
  } catch (error) {
    port.postMessage({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
});

function abort(): never {
  throw new Error("a kernel aborted");
}
