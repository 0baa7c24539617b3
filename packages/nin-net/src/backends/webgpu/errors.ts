import { NinError } from "../../core/errors.ts";

/** The GPU is gone: reset, unplugged, or its driver gave up. Nothing on it can be read any more. */
export class DeviceLostError extends NinError {
  override name = "DeviceLostError";

  /** @param message - the browser's or driver's reason */
  constructor(message: string) {
    super(
      `The GPU was lost: ${message || "no reason given"}. Open the device again and continue from the last checkpoint.`,
    );
  }
}

/** The GPU has too little memory. */
export class GpuMemoryError extends NinError {
  override name = "GpuMemoryError";
}

/** What helps where not even the smallest piece of work fits. */
export const moreMemory = "Use the CPU, or end other programs that use the GPU.";

/** A kernel that the GPU's driver refuses: a fault of this package or of the driver. */
export class ShaderError extends NinError {
  override name = "ShaderError";
  /** The kernel's source. */
  readonly wgsl: string;

  constructor(message: string, wgsl: string) {
    super(`A GPU kernel does not compile: ${message}\n${wgsl}`);
    this.wgsl = wgsl;
  }
}
