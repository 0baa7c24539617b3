import type { Device } from "../backends/backend.ts";

let shared: Promise<Device> | undefined;

/**
 * The device of calls that name none: opened at the first one, shared by all, kept until the process ends.
 * Kernels are loaded only then, so that a program that just describes networks stays small.
 */
export function defaultDevice(): Promise<Device> {
  shared ??= import("../backends/devices.ts").then(({ openDevice }) => openDevice("auto"));
  return shared;
}
