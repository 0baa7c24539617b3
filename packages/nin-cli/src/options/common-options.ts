import type { Command } from "commander";
import { type Device, openDevice, type Precision, precisions } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { folder, oneOf, wholeNumber } from "./values.ts";

const deviceNames = ["auto", "gpu", "cpu", "reference"] as const;
const simdNames = ["auto", "128", "256"] as const;

/** How the engine is to compute. */
export interface ComputeOptions {
  readonly precision?: Precision | undefined;
  readonly threads?: number;
  readonly simd: (typeof simdNames)[number];
}

/** Options of every command that runs a network. */
export interface DeviceOptions extends ComputeOptions {
  readonly device: (typeof deviceNames)[number];
}

/** Options of every command that reads a data set. */
export interface DataOptions {
  readonly dataDir?: string;
  readonly verify: boolean;
}

/** `--precision`, `--threads` and `--simd`. */
export function addComputeOptions(command: Command): Command {
  return command
    .option(
      "--precision <name>",
      "f32, or f16: 16-bit activations on the GPU (default: f32)",
      oneOf("--precision", precisions),
    )
    .option(
      "--threads <n>",
      "threads that compute (default: one a core)",
      wholeNumber("--threads", { min: 1, max: 64 }),
    )
    .option("--simd <bits>", "auto, 128 or 256 (bits a vector)", oneOf("--simd", simdNames), "auto");
}

/** `--device`, `--precision`, `--threads` and `--simd`. */
export function addDeviceOptions(command: Command): Command {
  command.option("--device <name>", "auto, gpu, cpu or reference", oneOf("--device", deviceNames), "auto");
  return addComputeOptions(command);
}

/** `--data-dir` and `--no-verify`. */
export function addDataOptions(command: Command): Command {
  return command
    .option(
      "--data-dir <folder>",
      "where data sets lie (default: $NIN_DATA_DIR, then the cache)",
      folder("--data-dir"),
    )
    .option("--no-verify", "take data of your own: skip the checksums");
}

/** The words by which another command is given the same data and device. */
export function conditionWords({
  dataDir,
  verify,
  device,
  precision,
  threads,
  simd,
}: DataOptions & DeviceOptions): string[] {
  const word = (option: string, value: string | number | undefined) =>
    value === undefined ? [] : [option, String(value)];
  return [
    ...word("--data-dir", dataDir),
    ...(verify ? [] : ["--no-verify"]),
    ...word("--device", device),
    ...word("--precision", precision),
    ...word("--threads", threads),
    ...word("--simd", simd),
  ];
}

/**
 * Opens the device that the options name; the caller disposes of it.
 *
 * @param coreSharers - processes that compute on the same cores
 * @throws UsageError if the device has no such precision
 */
export async function openRequested(
  { device, precision, threads, simd }: DeviceOptions,
  coreSharers = 1,
): Promise<Device> {
  if (precision === "f16" && (device === "cpu" || device === "reference")) {
    throw new UsageError(
      `--precision: got f16 beside --device ${device}, expected a GPU. Only GPUs keep 16-bit activations: leave --precision out.`,
    );
  }
  return openDevice(device, { precision, threads, simd, coreSharers });
}
