import { DisposedError, NinError } from "../../core/errors.ts";
import type { EpilogueStep, Graph, OpNode } from "../../graph/node.ts";
import { rewrite } from "../../passes/passes.ts";
import { soloCommunicator } from "../../ranks/communicator.ts";
import type { CompileOptions, Device, DeviceState, HostTensor, Program } from "../backend.ts";
import {
  checkSliceSize,
  checkUsed,
  checkValues,
  checkWritten,
  noSuchState,
  stateOfAnotherDevice,
} from "../checks.ts";
import { defaultSliceSize } from "../slice-size.ts";
import { workersThatFit } from "./address-space.ts";
import { defaultThreads } from "./default-threads.ts";
import { readKernels } from "./kernel-files.ts";
import { kernelOf } from "./kernels.ts";
import { LinearMemory } from "./linear-memory.ts";
import type { Buffer } from "./lowering.ts";
import type { WasmOptions } from "./options.ts";
import { WasmProgram } from "./program.ts";
import { chooseSimd, hasRelaxedSimd, type Simd, tileShapes } from "./simd.ts";
import { type Executor, InlineExecutor, WorkerPool } from "./threads.ts";

/**
 * Opens the CPU: WebAssembly kernels on worker threads.
 *
 * @throws NinError if the engine lacks WebAssembly SIMD, a choice cannot be met, or a file of the package cannot be
 *   loaded
 */
export async function openWasm(options: WasmOptions = {}): Promise<WasmDevice> {
  const threads = options.threads ?? defaultThreads(options.coreSharers);
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new NinError(`openDevice: got ${threads} threads, expected a whole number from 1 to 256.`);
  }
  const relaxed = hasRelaxedSimd();
  // Workers need shared memory. In Node a single thread is a worker too, so that the calling thread is free.
  const canShare = typeof SharedArrayBuffer !== "undefined" && globalThis.crossOriginIsolated !== false;
  const shared = canShare && workersThatFit(1) > 0;
  const kernels = await readKernels({ relaxed, shared });
  const memory = new LinearMemory(shared);
  const imports = { env: { memory: memory.memory, abort } };
  const { simd, module } = await chooseSimd(kernels, relaxed, options.simd ?? "auto", imports);
  const workers = shared ? workersThatFit(threads) : 0;
  if (workers > 0) {
    const pool = await WorkerPool.start(module, memory.memory, simd.shape, workers);
    return new WasmDevice(memory, pool, simd);
  }
  const instance = new WebAssembly.Instance(module, imports);
  (instance.exports.setShape as (index: number) => void)(simd.shape);
  return new WasmDevice(memory, new InlineExecutor(instance, memory.memory), simd);
}

function abort(): never {
  throw new NinError("A kernel of the CPU backend aborted.");
}

export class WasmDevice implements Device {
  readonly kind = "cpu";
  readonly description: string;
  readonly threads: number;
  readonly runsAhead = 0;
  readonly simd: Simd;
  readonly memory: LinearMemory;
  readonly executor: Executor;
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(memory: LinearMemory, executor: Executor, simd: Simd) {
    this.memory = memory;
    this.executor = executor;
    this.threads = executor.threads;
    this.simd = simd;
    const threads = `${this.threads} thread${this.threads === 1 ? "" : "s"}`;
    const vectors = `${simd.relaxed ? "relaxed" : "plain"} SIMD, ${simd.bits} bits, ${tileShapes[simd.shape]} tiles`;
    this.description = `cpu (WebAssembly, ${vectors}, ${threads})`;
  }

  /** The memory grows, and never shrinks. */
  get peakBytes(): number {
    return this.memory.memory.buffer.byteLength;
  }

  /** Runs an action when all actions before it have ended: the memory has one user at a time. */
  exclusive<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#last.then(action, action);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async createState(values: Readonly<Record<string, HostTensor>>): Promise<DeviceState> {
    this.check();
    return new WasmState(this, values);
  }

  compile(trace: (images: number) => Graph, state: DeviceState, options: CompileOptions = {}): Program {
    this.check();
    if (!(state instanceof WasmState) || state.device !== this) {
      throw stateOfAnotherDevice();
    }
    const { without = [], communicator = soloCommunicator } = options;
    if (options.sliceSize !== undefined) checkSliceSize(options.sliceSize);
    // What a pass makes of the graph does not matter: the size is that of the graph as traced.
    const sliceSize = options.sliceSize ?? defaultSliceSize(trace(1), 1);
    const canFuse = (node: OpNode, steps: readonly EpilogueStep[]) =>
      kernelOf(node).epilogue?.(steps) ?? false;
    const rewritten = (images: number) => rewrite(trace(images), { without, canFuse });
    const chains = !without.includes("chain-rows") && !without.includes("all");
    return new WasmProgram(
      rewritten,
      {
        memory: this.memory,
        executor: this.executor,
        panelWidth: this.simd.panelWidth,
        chains,
        communicator,
        exclusive: (action) => this.exclusive(action),
        stateBuffer: (name, bytes) => state.buffer(name, bytes),
        stateVersion: () => state.version,
        stateChanged: () => state.version++,
        check: () => {
          this.check();
          state.check();
        },
      },
      sliceSize,
    );
  }

  check(): void {
    if (this.#disposed) throw new DisposedError("The CPU device");
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.executor[Symbol.dispose]();
  }
}

class WasmState implements DeviceState {
  readonly device: WasmDevice;
  /** Counts changes. */
  version = 0;
  readonly #buffers = new Map<string, Buffer & { readonly address: number }>();
  #disposed = false;

  constructor(device: WasmDevice, values: Readonly<Record<string, HostTensor>>) {
    this.device = device;
    checkValues(values);
    for (const [name, { data }] of Object.entries(values)) {
      // The micro-kernels read whole tiles of a bias, up to 64 bytes past its end.
      const buffer = { bytes: 4 * data.length, address: device.memory.allocate(4 * data.length + 64) };
      device.memory.floats(buffer.address, data.length).set(data);
      this.#buffers.set(name, buffer);
    }
  }

  get names(): readonly string[] {
    return [...this.#buffers.keys()];
  }

  read(name: string): Promise<Float32Array> {
    return this.device.exclusive(async () => {
      const { address, bytes } = this.#get(name);
      return this.device.memory.floats(address, bytes / 4).slice();
    });
  }

  write(name: string, data: Float32Array): Promise<void> {
    return this.device.exclusive(async () => {
      const { address, bytes } = this.#get(name);
      checkWritten(name, data.length, bytes / 4);
      this.device.memory.floats(address, data.length).set(data);
      this.version++;
    });
  }

  /** Where a program finds a value. */
  buffer(name: string, bytes: number): Buffer {
    const buffer = this.#get(name);
    checkUsed(name, buffer.bytes / 4, bytes / 4);
    return buffer;
  }

  check(): void {
    if (this.#disposed) throw new DisposedError("The state");
    this.device.check();
  }

  #get(name: string) {
    this.check();
    const buffer = this.#buffers.get(name);
    if (buffer !== undefined) return buffer;
    throw noSuchState(name, this.names);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.device.exclusive(async () => {
      for (const { address } of this.#buffers.values()) this.device.memory.release(address);
    });
  }
}
