/** Opens devices by name. */
import { NinError } from "../core/errors.ts";
import type { Device } from "./backend.ts";
import type { WasmOptions } from "./wasm/options.ts";
import type { GpuOptions } from "./webgpu/options.ts";

/** The names that {@link openDevice} takes. */
export const deviceNames = ["auto", "gpu", "cpu", "reference"] as const;
/** What {@link openDevice} opens. */
export type DeviceName = (typeof deviceNames)[number];

/** Options of {@link openDevice}: each concerns the CPU or the GPU. */
export type DeviceOptions = WasmOptions & GpuOptions;

/**
 * Opens a device; dispose of it to end its threads, or to let go of the GPU.
 *
 * @param name - `gpu`: WebGPU; `cpu`: fast WebAssembly kernels; `reference`: plain loops in float64; `auto`: the GPU if
 *   there is one, else the CPU
 * @throws NinError if `gpu` or 16-bit activations are asked for and there is no GPU
 */
export async function openDevice(name: DeviceName = "auto", options: DeviceOptions = {}): Promise<Device> {
  switch (name) {
    case "auto":
      return isForGpu(options) ? openGpu(options) : (await openBest(options)).device;
    case "gpu":
      return openGpu({ allowSoftware: isSoftwareAllowed(), ...options });
    case "cpu":
    case "reference":
      if (isForGpu(options)) {
        throw new NinError(
          `precision: got f16 for the device ${name}, expected gpu. Only GPUs keep 16-bit activations: leave the precision out.`,
        );
      }
      return name === "cpu" ? openCpu(options) : openReference();
    default:
      return name satisfies never;
  }
}

// A page loads what it computes with, and nothing of the others.

async function openCpu(options: WasmOptions): Promise<Device> {
  const { openWasm } = await import("./wasm/device.ts");
  return openWasm(options);
}

async function openGpu(options: GpuOptions): Promise<Device> {
  const { openWebGpu } = await import("./webgpu/device.ts");
  return openWebGpu(options);
}

async function openReference(): Promise<Device> {
  const reference = await import("./reference/device.ts");
  return reference.openReference();
}

/** Whether `gpu` may mean a software adapter, which tests ask for by the variable NIN_SOFTWARE_GPU=1. */
function isSoftwareAllowed(): boolean {
  return globalThis.process?.env?.NIN_SOFTWARE_GPU === "1";
}

function isForGpu({ precision }: DeviceOptions): boolean {
  return precision === "f16";
}

/** What `auto` opens, and why it is no GPU if it is none. */
export async function openBest(
  options: DeviceOptions = {},
): Promise<{ readonly device: Device; readonly noGpu?: string }> {
  try {
    return { device: await openGpu({ memoryBudgetBytes: options.memoryBudgetBytes }) };
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    return { device: await openCpu(options), noGpu: error.message };
  }
}
