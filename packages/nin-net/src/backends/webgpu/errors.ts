import { NinError } from "../../core/errors.ts";

/** The GPU was lost: reset, unplugged, or its driver failed. Nothing on it can be read any more. */
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

/** Advice where not even one image fits. */
export const moreMemory = "Use the CPU, or end other programs that use the GPU.";

/** A kernel that does not compile: a bug of this package or of the driver. */
export class ShaderError extends NinError {
  override name = "ShaderError";
  /** The kernel's source. */
  readonly wgsl: string;

  constructor(message: string, wgsl: string) {
    super(`A GPU kernel does not compile: ${message}\n${wgsl}`);
    this.wgsl = wgsl;
  }
}
