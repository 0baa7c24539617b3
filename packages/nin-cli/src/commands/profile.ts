import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Command } from "commander";
import {
  chromeTrace,
  measureRoofline,
  NinError,
  type Profile,
  type ProfileTask,
  preprocessedShape,
  profile,
  versions,
} from "nin-net";
import { addDeviceOptions, type DeviceOptions, openRequested } from "../options/common-options.ts";
import { addModelOptions, type ModelOptions, modelOf } from "../options/model-options.ts";
import { addPassOptions, type PassOptions } from "../options/pass-options.ts";
import { filePath, wholeNumber } from "../options/values.ts";
import { amongRanks, type Ranks } from "../runs/ranks.ts";
import { writing } from "../runs/run-folder-files.ts";
import { ExitStatus } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { instructionTable, opTable, profileHeading } from "../terminal/profile-tables.ts";

interface ProfileCommandOptions extends DeviceOptions, PassOptions, ModelOptions {
  readonly forward?: boolean;
  readonly batchSize: number;
  readonly each?: boolean;
  readonly trace?: string;
  readonly json?: boolean;
}

/** `nin profile`: where the time of a training step goes, against what this machine can do at most. */
export function profileCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("profile")
    .description(
      "Measure where the time of a training step goes, op by op, against what this machine can do at most.",
    )
    .option("--forward", "a forward pass instead of a training step")
    .option("--batch-size <n>", "images a step", wholeNumber("--batch-size", { min: 1 }), 128);
  addPassOptions(addDeviceOptions(addModelOptions(command)));
  return command
    .option("--each", "a line for every instruction, with the shape of its result")
    .option("--trace <file>", "also write a Chrome trace, for https://ui.perfetto.dev", filePath("--trace"))
    .option("--json", "print one JSON object")
    .addHelpText("after", examples("profile", "profile --forward --batch-size 1 --trace trace.json"))
    .action(async (options: ProfileCommandOptions) => {
      finish(await amongRanks(output, undefined, (ranks) => runProfile(options, ranks)));
    });
}

async function runProfile(options: ProfileCommandOptions, ranks: Ranks): Promise<ExitStatus> {
  const { communicator, output } = ranks;
  const { batchSize, passes: without, trace } = options;
  if (trace !== undefined && ranks.isFirst) checkWritable(trace);
  await ranks.mustBeCalledAlike(options);
  const task: ProfileTask = options.forward ? "forward" : "train";
  const { net, image, preprocessing } = modelOf(options);
  using device = await openRequested(ranks.deviceOptions(options), communicator.coreSharers);
  const measured = await profile(net, device, {
    task,
    batchSize,
    images: { ...image, preprocessing },
    without,
    communicator,
  });
  // From here on no rank needs another.
  ranks.trained();
  if (!ranks.isFirst) return ExitStatus.done;
  // A GPU has no such loops of its own to measure.
  const roofline = device.kind === "gpu" ? undefined : await measureRoofline(device);

  const [, height, width] = preprocessedShape(image, preprocessing);
  const about = {
    task,
    batchSize,
    resize: [height, width] as const,
    device: device.description,
    threads: device.threads,
    ...(ranks.areMany && { ranks: communicator.size }),
    without,
  };
  if (trace !== undefined) {
    const title = `nin profile: ${task}, batch ${batchSize}, ${device.description}`;
    await writing(trace, () => writeFile(trace, JSON.stringify(chromeTrace(measured, title))));
  }
  if (options.json) {
    output.json({
      kind: "profile",
      ...about,
      versions: versions(),
      ...figures(measured),
      ...(roofline && { roofline }),
      rows: measured.rows,
    });
    return ExitStatus.done;
  }
  for (const line of profileHeading(about, measured, roofline)) output.result(line);
  output.result("");
  const table = options.each ? instructionTable(measured) : opTable(measured, roofline);
  for (const line of table) output.result(line);
  if (trace !== undefined) output.result(`\nTrace: ${trace} (open it in https://ui.perfetto.dev)`);
  return ExitStatus.done;
}

function figures({ images, seconds, exchangeSeconds }: Profile) {
  return {
    seconds,
    imagesPerSecond: images / seconds,
    ...(exchangeSeconds !== undefined && { exchangeSeconds }),
  };
}

/** @throws NinError before anything is measured, if the trace cannot be written there */
function checkWritable(file: string): void {
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new NinError(`--trace: ${file} is a folder, expected a file. Add a file name.`);
  }
  if (!existsSync(dirname(file))) {
    throw new NinError(`--trace: ${dirname(file)}: no such folder. Make it, or choose another place.`);
  }
}
