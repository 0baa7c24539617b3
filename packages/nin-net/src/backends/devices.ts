/** Opens devices by name. */
import { NinError } from "../core/errors.ts";
import type { Device } from "./backend.ts";
import { openReference } from "./reference/device.ts";
import { openWasm, type WasmOptions } from "./wasm/device.ts";
import { isSoftwareAllowed } from "./webgpu/adapter.ts";
import { type GpuOptions, openWebGpu } from "./webgpu/device.ts";

export const deviceNames = ["auto", "gpu", "cpu", "reference"] as const;
export type DeviceName = (typeof deviceNames)[number];

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
      return isForGpu(options) ? openWebGpu(options) : (await openBest(options)).device;
    case "gpu":
      return openWebGpu({ allowSoftware: isSoftwareAllowed(), ...options });
    case "cpu":
    case "reference":
      if (isForGpu(options)) {
        throw new NinError(
          `precision: got f16 for the device ${name}, expected gpu. Only GPUs keep 16-bit activations: leave the precision out.`,
        );
      }
      return name === "cpu" ? openWasm(options) : openReference();
    default:
      return name satisfies never;
  }
}

function isForGpu({ precision }: DeviceOptions): boolean {
  return precision === "f16";
}

/** What `auto` opens, and why it is no GPU if it is none. */
export async function openBest(
  options: DeviceOptions = {},
): Promise<{ readonly device: Device; readonly noGpu?: string }> {
  try {
    return { device: await openWebGpu({ memoryBudgetBytes: options.memoryBudgetBytes }) };
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    return { device: await openWasm(options), noGpu: error.message };
  }
}
