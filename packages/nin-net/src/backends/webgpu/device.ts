import { DisposedError, NinError } from "../../core/errors.ts";
import type { EpilogueStep, Graph, OpNode } from "../../graph/node.ts";
import { rewrite } from "../../passes/passes.ts";
import type {
  AdapterDescription,
  CompileOptions,
  Device,
  DeviceState,
  HostTensor,
  Program,
} from "../backend.ts";
import { checkSliceSize, stateOfAnotherDevice } from "../checks.ts";
import {
  type AdapterOptions,
  describeAdapter,
  type GpuAccess,
  gpuAccess,
  requestAdapter,
} from "./adapter.ts";
import { DeviceLostError } from "./errors.ts";
import { kernelOf } from "./kernels.ts";
import type { Abilities } from "./lowering.ts";
import { GpuMemory, mebibytes } from "./memory.ts";
import { Pipelines } from "./pipelines.ts";
import { WebGpuProgram } from "./program.ts";
import { WebGpuState } from "./state.ts";
import { matrixFeatures, matrixShape, multipliesRight, outdonePasses } from "./tensor-cores.ts";

/** How numbers of activations and their gradients are kept in the GPU's memory. */
export const precisions = ["f32", "f16"] as const;
export type Precision = (typeof precisions)[number];

export interface GpuOptions extends AdapterOptions {
  /**
   * `f16` keeps activations and their gradients as 16-bit floats: half the memory and half the traffic, three decimal
   * digits. Weights and every sum stay float32. Default `f32`.
   */
  readonly precision?: Precision | undefined;
  /**
   * What the tensors of one run may take, in bytes, weights left out; default: 24 GiB. Batches that need more run in
   * slices, of one image at the least.
   */
  readonly memoryBudgetBytes?: number | undefined;
}

/**
 * Opens the GPU; dispose of the device to let go of it.
 *
 * @throws NinError if there is none, saying what is missing
 */
export async function openWebGpu(options: GpuOptions = {}): Promise<WebGpuDevice> {
  const { precision = "f32", memoryBudgetBytes } = options;
  if (!precisions.includes(precision)) {
    throw new NinError(
      `openDevice: got precision ${precision}, expected ${precisions.join(" or ")}. Leave it out for f32.`,
    );
  }
  if (memoryBudgetBytes !== undefined && !(memoryBudgetBytes > 0)) {
    throw new NinError(
      `openDevice: got memoryBudgetBytes ${memoryBudgetBytes}, expected a number above 0. Leave it out for the default.`,
    );
  }
  const halves = precision === "f16";
  const access = await gpuAccess({ experimental: halves, ...options });
  const adapter = await requestAdapter(access, options);
  const { limits } = adapter;
  const gpu = await adapter.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
    requiredFeatures: [...["timestamp-query", "subgroups"], ...(halves ? matrixFeatures : [])].filter(
      (feature) => adapter.features.has(feature),
    ) as GPUFeatureName[],
  });
  const abilities: Abilities = {
    halves,
    subgroups: gpu.features.has("subgroups"),
    matrices: halves ? matrixShape(adapter, gpu) : undefined,
  };
  const described = describeAdapter(adapter);
  const device = new WebGpuDevice(access, described, gpu, abilities, options);
  if (abilities.matrices === undefined || (await multipliesRight(device))) return device;
  device.memory.release();
  return new WebGpuDevice(access, described, gpu, { ...abilities, matrices: undefined }, options);
}

export class WebGpuDevice implements Device {
  readonly kind = "gpu";
  readonly description: string;
  /** Threads of this process that compute: the GPU has its own. */
  readonly threads = 1;
  /** One runs while the next is on the queue. */
  readonly runsAhead = 2;
  readonly adapter: AdapterDescription;
  readonly abilities: Abilities;
  readonly pipelines: Pipelines;
  readonly memory: GpuMemory;
  readonly #gpu: GPUDevice;
  /** Node's GPUs end with the object that they were found through, and keep the process alive with it. */
  #access: GpuAccess | undefined;
  #lost: DeviceLostError | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    access: GpuAccess,
    adapter: AdapterDescription,
    gpu: GPUDevice,
    abilities: Abilities,
    { memoryBudgetBytes }: Pick<GpuOptions, "memoryBudgetBytes"> = {},
  ) {
    this.#access = access;
    this.#gpu = gpu;
    this.adapter = adapter;
    this.abilities = abilities;
    const words = [
      adapter.backend,
      adapter.name,
      ...(abilities.halves ? ["16-bit activations"] : []),
      ...(abilities.matrices ? ["tensor cores"] : []),
      ...(adapter.software ? ["on the CPU"] : []),
    ];
    this.description = `gpu (${words.join(", ")})`;
    this.pipelines = new Pipelines(gpu);
    this.memory = new GpuMemory(gpu, memoryBudgetBytes);
    void gpu.lost.then(({ reason, message }) => {
      if (!this.#disposed) this.#lost = new DeviceLostError(message || reason);
    });
  }

  /** The WebGPU device itself. */
  get gpu(): GPUDevice {
    return this.#gpu;
  }

  async createState(values: Readonly<Record<string, HostTensor>>): Promise<DeviceState> {
    this.check();
    let state: WebGpuState | undefined;
    const bytes = Object.values(values).reduce((sum, { data }) => sum + 4 * data.length, 0);
    try {
      const create = () => {
        state = new WebGpuState(this, values);
      };
      await this.memory.checked(create, `the network's weights, ${mebibytes(bytes)}`);
    } catch (error) {
      state?.[Symbol.dispose]();
      throw error;
    }
    return state!;
  }

  compile(trace: (images: number) => Graph, state: DeviceState, options: CompileOptions = {}): Program {
    this.check();
    if (!(state instanceof WebGpuState) || state.device !== this) {
      throw stateOfAnotherDevice();
    }
    const { sliceSize, without = [] } = options;
    if (sliceSize !== undefined) checkSliceSize(sliceSize);
    const canFuse = (node: OpNode, steps: readonly EpilogueStep[]) =>
      kernelOf(node).epilogue?.(steps) ?? false;
    return new WebGpuProgram(
      this,
      state,
      (images) =>
        rewrite(trace(images), { without: [...without, ...outdonePasses(this.abilities)], canFuse }),
      sliceSize,
    );
  }

  /** Runs an action when all actions before it have ended: commands reach the queue in the order of the calls. */
  exclusive<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#last.then(action, action);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** The same, for actions that use the GPU: what fails because it was lost says so. */
  guarded<T>(action: () => Promise<T>): Promise<T> {
    return this.exclusive(() => this.explained(action));
  }

  /** Runs an action; if it fails and the GPU is gone, that is the reason. */
  async explained<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof NinError) throw error;
      // The promise of the loss is settled a little later than those that fail because of it.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#disposed) throw new DisposedError("The GPU device");
      if (this.#lost) throw this.#lost;
      throw error;
    }
  }

  check(): void {
    if (this.#disposed) throw new DisposedError("The GPU device");
    if (this.#lost) throw this.#lost;
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#gpu.destroy();
    this.#access = undefined;
  }

  /** Whether GPUs found with this device are kept; for tests. */
  get isOpen(): boolean {
    return this.#access !== undefined;
  }
}
