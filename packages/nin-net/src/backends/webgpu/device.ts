import { DisposedError, NinError } from "../../core/errors.ts";
import type { EpilogueStep, Graph, OpNode } from "../../graph/node.ts";
import { mixesImages } from "../../graph/slices.ts";
import { rewrite } from "../../passes/passes.ts";
import { soloCommunicator } from "../../ranks/communicator.ts";
import type {
  AdapterDescription,
  CompileOptions,
  Device,
  DeviceState,
  HostTensor,
  Program,
} from "../backend.ts";
import { checkSliceSize, stateOfAnotherDevice } from "../checks.ts";
import { defaultSliceSize } from "../slice-size.ts";
import { describeAdapter, type GpuAccess, gpuAccess, requestAdapter } from "./adapter.ts";
import { DeviceLostError } from "./errors.ts";
import type { Capabilities, GpuHost } from "./host.ts";
import { kernelOf } from "./kernels.ts";
import { GpuMemory, mebibytes } from "./memory.ts";
import { type GpuOptions, precisions } from "./options.ts";
import { PipelineCache } from "./pipelines.ts";
import { WebGpuProgram } from "./program.ts";
import { WebGpuState } from "./state.ts";
import {
  type SubgroupMatrix,
  subgroupMatrixFeatures,
  subgroupMatrixOf,
  tensorCoreFault,
  unprofitablePasses,
} from "./tensor-cores.ts";

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
  const mixedPrecision = precision === "f16";
  const access = await gpuAccess({ experimental: mixedPrecision, ...options });
  const adapter = await requestAdapter(access, options);
  const { limits } = adapter;
  const gpu = await adapter.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
    requiredFeatures: [
      ...["timestamp-query", "subgroups"],
      ...(mixedPrecision ? subgroupMatrixFeatures : []),
    ].filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
  });
  const found = mixedPrecision ? subgroupMatrixOf(adapter, gpu) : undefined;
  const open = (subgroupMatrix: SubgroupMatrix | undefined, tensorCores: string | undefined) =>
    new WebGpuDevice(
      access,
      { ...describeAdapter(adapter), ...(tensorCores !== undefined && { tensorCores }) },
      gpu,
      { mixedPrecision, subgroups: gpu.features.has("subgroups"), subgroupMatrix },
      options,
    );
  if (found === undefined) return open(undefined, undefined);
  if (typeof found === "string") return open(undefined, `not used: ${found}`);
  const device = open(found, `${found.m} x ${found.k} by ${found.k} x ${found.n}`);
  const fault = await tensorCoreFault(device);
  if (fault === undefined) return device;
  device.memory.release();
  return open(undefined, `not used: ${fault}`);
}

export class WebGpuDevice implements Device, GpuHost {
  readonly kind = "gpu";
  readonly description: string;
  /** Of this process: the GPU has its own. */
  readonly threads = 1;
  /** One runs while the next waits on the queue. */
  readonly runsAhead = 2;
  readonly adapter: AdapterDescription;
  readonly capabilities: Capabilities;
  readonly pipelines: PipelineCache;
  readonly memory: GpuMemory;
  readonly #gpu: GPUDevice;
  /** In Node, devices live as long as the object that they were requested from, which keeps the process alive. */
  #access: GpuAccess | undefined;
  #lost: DeviceLostError | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    access: GpuAccess,
    adapter: AdapterDescription,
    gpu: GPUDevice,
    capabilities: Capabilities,
    { memoryBudgetBytes }: Pick<GpuOptions, "memoryBudgetBytes"> = {},
  ) {
    this.#access = access;
    this.#gpu = gpu;
    this.adapter = adapter;
    this.capabilities = capabilities;
    const words = [
      adapter.backend,
      adapter.name,
      ...(capabilities.mixedPrecision ? ["16-bit activations"] : []),
      ...(capabilities.subgroupMatrix ? ["tensor cores"] : []),
      ...(adapter.software ? ["on the CPU"] : []),
    ];
    this.description = `gpu (${words.join(", ")})`;
    this.pipelines = new PipelineCache(gpu);
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
    if (!(state instanceof WebGpuState) || state.host !== this) {
      throw stateOfAnotherDevice();
    }
    const { without = [], communicator = soloCommunicator } = options;
    if (communicator.size > 1) {
      throw new NinError(
        `compile: got ${communicator.description} on a GPU, expected one process. Ranks share batches on CPUs alone: ` +
          "open the device cpu.",
      );
    }
    if (options.sliceSize !== undefined) checkSliceSize(options.sliceSize);
    const sliceSize = options.sliceSize ?? necessarySliceSize(trace(1));
    const canFuse = (node: OpNode, steps: readonly EpilogueStep[]) =>
      kernelOf(node).epilogue?.(steps) ?? false;
    return new WebGpuProgram(
      this,
      state,
      (images) =>
        rewrite(trace(images), {
          without: [...without, ...unprofitablePasses(this.capabilities.subgroupMatrix)],
          canFuse,
        }),
      sliceSize,
    );
  }

  exclusive<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#last.then(action, action);
    this.#last = next.catch(() => undefined);
    return next;
  }

  exclusiveReportingLoss<T>(action: () => Promise<T>): Promise<T> {
    return this.exclusive(() => this.reportingLoss(action));
  }

  async reportingLoss<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof NinError) throw error;
      // `lost` settles a little later than the promises that fail because of it.
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

  /** Whether the way to the GPU is still held; for tests. */
  get isOpen(): boolean {
    return this.#access !== undefined;
  }
}

/** Images a slice where the result depends on it; undefined where slices of any size do. */
function necessarySliceSize(ofOneImage: Graph): number | undefined {
  return mixesImages(ofOneImage) ? defaultSliceSize(ofOneImage, 1) : undefined;
}
