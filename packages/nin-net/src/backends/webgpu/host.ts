/** What states and programs need of the GPU device that made them. */
import type { GpuMemory } from "./memory.ts";
import type { PipelineCache } from "./pipelines.ts";
import type { SubgroupMatrix } from "./tensor-cores.ts";

/** What a device can do, or was asked to do, beyond what every GPU does. */
export interface Capabilities {
  /** Store activations and their gradients as 16-bit floats. */
  readonly mixedPrecision: boolean;
  /** Operations among the threads of a subgroup. */
  readonly subgroups: boolean;
  /** Tensor cores: products of small 16-bit matrices by a whole subgroup. */
  readonly subgroupMatrix: SubgroupMatrix | undefined;
}

export interface GpuHost {
  readonly gpu: GPUDevice;
  readonly memory: GpuMemory;
  readonly pipelines: PipelineCache;
  readonly capabilities: Capabilities;

  /** Runs an action after all actions before it have ended: commands reach the queue in the order of the calls. */
  exclusive<T>(action: () => Promise<T>): Promise<T>;
  /** Runs an action; if it fails because the GPU was lost, the error says so. */
  reportingLoss<T>(action: () => Promise<T>): Promise<T>;
  /** Both: runs an action that uses the GPU after all actions before it. */
  exclusiveReportingLoss<T>(action: () => Promise<T>): Promise<T>;

  /** Throws if the device has been disposed of or lost. */
  check(): void;
}
