import { Command } from "commander";
import { type AdapterDescription, describeCommunicator, NinError } from "nin-net";
import { addComputeOptions, type ComputeOptions, openRequested } from "../options/common-options.ts";
import { ExitStatus } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";

const names = ["gpu", "cpu", "reference"] as const;

interface DevicesOptions extends ComputeOptions {
  readonly json?: boolean;
}

/** `nin devices`: what a network can run on here, and how. */
export function devicesCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("devices")
    .description("List what networks can run on here, and what each makes use of.")
    .option("--json", "print one JSON object a device and line");
  return addComputeOptions(command)
    .addHelpText("after", examples("devices"))
    .action(async (options: DevicesOptions) => {
      await devices(options, output);
      finish(ExitStatus.done);
    });
}

async function devices(options: DevicesOptions, output: Output): Promise<void> {
  let auto: (typeof names)[number] = "cpu";
  for (const name of names) {
    const { available, description, adapter } = await describe(name, options);
    // Software that plays a GPU is there when asked for, and never what auto takes.
    if (adapter && !adapter.software) auto = "gpu";
    if (options.json) {
      output.json({ name, auto: name === auto, available, description, ...(adapter && { adapter }) });
      continue;
    }
    output.result(description);
    for (const line of adapter ? adapterLines(adapter) : []) output.result(`  ${line}`);
  }
  const mpi = await describeMpi();
  if (options.json) output.json({ name: "mpi", auto: false, ...mpi });
  else output.result(`${mpi.description}\n\n--device auto takes ${auto}.`);
}

/** What ranks would find each other by. */
async function describeMpi(): Promise<{ available: boolean; description: string }> {
  try {
    return { available: true, description: `mpi (${await describeCommunicator()})` };
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    return { available: false, description: `mpi (not available: ${error.message})` };
  }
}

function adapterLines({ features, limits, tensorCores }: AdapterDescription): string[] {
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
  return [
    `tensors up to ${mebibytes(Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize))}`,
    `workgroups of up to ${limits.maxComputeInvocationsPerWorkgroup} threads, ${limits.maxComputeWorkgroupStorageSize} bytes shared`,
    ...(tensorCores === undefined ? [] : [`tensor cores: ${tensorCores}`]),
    `features: ${features.join(", ") || "none"}`,
  ];
}

async function describe(
  name: (typeof names)[number],
  options: ComputeOptions,
): Promise<{ description: string; available: boolean; adapter?: AdapterDescription }> {
  try {
    // Only GPUs keep 16-bit activations.
    const precision = name === "gpu" ? options.precision : undefined;
    using device = await openRequested({ ...options, device: name, precision });
    const { description, adapter } = device;
    return { description, available: true, ...(adapter && { adapter }) };
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    return { description: `${name} (not available: ${error.message})`, available: false };
  }
}
