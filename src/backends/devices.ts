/** Opens devices by name. */
import type { Device } from "./backend.ts";
import { openReference } from "./reference/device.ts";
import { openWasm, type WasmOptions } from "./wasm/device.ts";

export const deviceNames = ["auto", "cpu", "reference"] as const;
export type DeviceName = (typeof deviceNames)[number];

/**
 * Opens a device; dispose of it to end its threads.
 *
 * @param name - `cpu`: fast WebAssembly kernels; `reference`: plain loops in float64; `auto`: the best there is
 */
export async function openDevice(name: DeviceName = "auto", options: WasmOptions = {}): Promise<Device> {
  switch (name) {
    case "auto":
    case "cpu":
      return openWasm(options);
    case "reference":
      return openReference();
    default:
      return name satisfies never;
  }
}
