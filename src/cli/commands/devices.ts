import { Command } from "commander";
import { NinError } from "../../base/errors.ts";
import { addComputeOptions, type ComputeOptions, openRequested } from "../command-options.ts";
import { ExitStatus } from "../exit-status.ts";
import { examples } from "../help.ts";
import type { Output } from "../output.ts";

const names = ["cpu", "reference"] as const;
/** What `--device auto` means. */
const autoName = "cpu";

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
  for (const name of names) {
    const { available, description } = await describe(name, options);
    if (options.json) output.json({ name, auto: name === autoName, available, description });
    else output.result(description);
  }
  if (!options.json) output.result(`\n--device auto takes ${autoName}.`);
}

async function describe(
  name: (typeof names)[number],
  options: ComputeOptions,
): Promise<{ description: string; available: boolean }> {
  try {
    using device = await openRequested({ ...options, device: name });
    return { description: device.description, available: true };
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    return { description: `${name} (not available: ${error.message})`, available: false };
  }
}
