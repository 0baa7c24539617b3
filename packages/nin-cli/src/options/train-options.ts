/** The options of `nin train`. */
import type { Command } from "commander";
import { type DivergencePolicy, divergencePolicies } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { addDataOptions, addDeviceOptions, type DataOptions, type DeviceOptions } from "./common-options.ts";
import { addPassOptions, type PassOptions } from "./pass-options.ts";
import { addPictureDataOptions, type PictureDataOptions } from "./picture-data-options.ts";
import { addRecipeOptions, type RecipeOptions } from "./recipe-options.ts";
import { filePath, folder, oneOf, optionName, realNumber, wholeNumber } from "./values.ts";

/** What a call of `nin train` asks for. */
export interface TrainOptions
  extends RecipeOptions,
    DataOptions,
    PictureDataOptions,
    DeviceOptions,
    PassOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly from?: string;
  readonly newHead?: boolean;
  /** Steps; true: as many as usual. */
  readonly findLr?: number | true;
  /** Minutes. */
  readonly checkpointEvery?: number;
  readonly onDivergence?: DivergencePolicy;
  readonly tensorboard?: boolean;
  /** Seconds. */
  readonly rankTimeout?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Every option of `nin train`. */
export function addTrainOptions(command: Command): Command {
  addPassOptions(addDeviceOptions(addDataOptions(addPictureDataOptions(addRecipeOptions(command)))));
  return command
    .option("--out <folder>", "the run's folder (default: runs/<dataset>-<date>-<time>)", folder("--out"))
    .option("--resume <run>", "go on with a run that was stopped, or to more --epochs", folder("--resume"))
    .option("--from <run|file>", "begin a new run with its weights instead of fresh ones", filePath("--from"))
    .option("--new-head", "with --from: fresh weights for the layers that tell classes apart")
    .option(
      "--find-lr [steps]",
      "train nothing: raise the rate from 1e-6 to 10 and suggest one (100 steps)",
      wholeNumber("--find-lr", { min: 20 }),
    )
    .option(
      "--checkpoint-every <minutes>",
      "keep the state within an epoch too (default: after each)",
      realNumber("--checkpoint-every", { min: 0, aboveMin: true }),
    )
    .option(
      "--on-divergence <action>",
      "stop, or rollback: halve the rate (default: stop)",
      oneOf("--on-divergence", divergencePolicies),
    )
    .option("--tensorboard", "write event files for TensorBoard too")
    .option(
      "--rank-timeout <seconds>",
      "under mpirun: end where a rank gives no sign of life for so long (default: 60)",
      wholeNumber("--rank-timeout", { min: 2 }),
    )
    .option("--json", "print every event as a JSON line")
    .option("--quiet", "print only the final lines");
}

/**
 * @param isGiven - whether the call names an option, rather than leaving it as it is by default
 * @throws UsageError if options do not go together
 */
export function checkTrainOptions(
  options: TrainOptions,
  isGiven: (name: keyof TrainOptions) => boolean,
): void {
  checkResumeOptions(options, isGiven("preset"));
  checkFindRateOptions(options);
  if (options.recipe !== undefined && isGiven("preset")) {
    throw new UsageError(
      `--preset: got ${JSON.stringify(options.preset)} beside --recipe, expected one of them. Leave one out.`,
    );
  }
  if (options.newHead && options.from === undefined) {
    throw new UsageError(
      "--new-head: got no --from beside it, expected weights that it is put onto. Add --from.",
    );
  }
}

/**
 * Whether a call is content with synthetic images where its data set cannot be found: only one that leaves the choice to
 * the fast preset.
 */
export function mayBeSynthetic({ preset, dataset, from, dataDir }: TrainOptions): boolean {
  return preset === "fast" && dataset === undefined && from === undefined && dataDir === undefined;
}

/** @throws UsageError if an option has no place beside `--resume` */
function checkResumeOptions(options: TrainOptions, hasPreset: boolean): void {
  if (options.resume === undefined) return;
  const refused = [
    ["--recipe", options.recipe, "with its own recipe"],
    ["--out", options.out, "in its own folder"],
    ["--from", options.from, "with its own weights"],
    ["--preset", hasPreset ? options.preset : undefined, "with its own recipe"],
  ] as const;
  for (const [option, given, how] of refused) {
    if (given === undefined) continue;
    throw new UsageError(
      `${option}: got ${JSON.stringify(given)} beside --resume, but a run goes on ${how}. Leave one of them out.`,
    );
  }
}

/** @throws UsageError if an option that a run alone has stands beside `--find-lr` */
function checkFindRateOptions({ findLr, ...options }: TrainOptions): void {
  if (findLr === undefined) return;
  const refused = ["resume", "checkpointEvery", "onDivergence", "tensorboard"] as const;
  const given = refused.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `${optionName(given)}: got it beside --find-lr, which keeps no run. Leave one of them out.`,
  );
}
