import type { Device } from "../backends/backend.ts";

interface Best {
  readonly device: Device;
  /** Why it is no GPU, if it is none. */
  readonly noGpu?: string;
}

let shared: Promise<Best> | undefined;

/**
 * The device of calls that name none: opened at the first one, shared by all, kept until the process ends.
 * Kernels are loaded only then, so that a program that just describes networks stays small.
 */
export async function defaultDevice(): Promise<Device> {
  return (await bestDevice()).device;
}

/** The same, and why it is no GPU if it is none. */
export function bestDevice(): Promise<Best> {
  shared ??= import("../backends/devices.ts").then(({ openBest }) => openBest());
  return shared;
}
