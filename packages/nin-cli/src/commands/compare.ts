import { Command } from "commander";
import { type DatasetName, datasetNames, type ModelName, modelNames } from "nin-net";
import { readPlan } from "../compare/plan-file.ts";
import { checkDistinct, type RunRecord, readRun } from "../compare/run-record.ts";
import { trainMissing } from "../compare/train-missing.ts";
import {
  addDataOptions,
  addDeviceOptions,
  conditionWords,
  openRequested,
} from "../options/common-options.ts";
import {
  datasetName,
  distinctOf,
  folder,
  realNumber,
  wholeNumberOrAll,
  wholeNumbers,
} from "../options/values.ts";
import { checkUnused, newRunFolder } from "../runs/run-path.ts";
import { loadTrainingData } from "../runs/training-data.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { listenForStop, type StopSignal } from "../terminal/stop-signal.ts";
import { type ComparisonOptions, compareTrained } from "./compare-trained.ts";

interface CompareOptions extends ComparisonOptions {
  readonly nets?: readonly ModelName[];
  readonly dataset?: DatasetName;
  readonly minutes?: number;
  readonly seeds?: readonly number[];
  readonly out?: string;
}

const defaultMinutes = 10;
const [defaultDataset] = datasetNames;
const defaultSeeds = [250];

/** `nin compare RUN...`, `nin compare --nets LIST`: networks side by side. */
export function compareCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("compare")
    .description(
      "Set trained runs side by side, or train networks and set them side by side: size, speed, accuracy with 95 % " +
        "intervals, curves, where two disagree and whether by chance, on one page.",
    )
    .argument("[run...]", "folders of runs, as nin train named them")
    .option(
      "--nets <list>",
      `train these instead, with commas between: ${listed(modelNames)}`,
      distinctOf("--nets", modelNames),
    )
    .option(
      "--dataset <name>",
      `with --nets: ${listed(datasetNames)} (default: ${defaultDataset})`,
      datasetName("--dataset"),
    )
    .option(
      "--minutes <n>",
      `with --nets: time for training and tests together (default: ${defaultMinutes})`,
      realNumber("--minutes", { min: 0, aboveMin: true }),
    )
    .option(
      "--seeds <list>",
      `with --nets: a run for each, with commas between (default: ${defaultSeeds})`,
      wholeNumbers("--seeds", { min: 0, max: 0xffffffff }),
    )
    .option("--out <folder>", "for page and figures (default: runs/compare-...)", folder("--out"))
    .option(
      "--limit <n>",
      "the first n test images, or all (default: those that all were tested on)",
      wholeNumberOrAll("--limit"),
    )
    .option("--json", "print one JSON object");
  return addDeviceOptions(addDataOptions(command))
    .addHelpText(
      "after",
      examples(
        "compare runs/first runs/second",
        `compare --nets ${modelNames.slice(0, 2).join(",")} --minutes 10`,
      ),
    )
    .action(async (paths: string[], options: CompareOptions) => {
      checkUsage(paths, options);
      let whenStopped = "Stopping.";
      using stop = listenForStop(() => output.note(whenStopped));
      try {
        if (options.nets === undefined) {
          await compareRuns(paths, options, stop, output);
        } else {
          whenStopped = "Stopping after this step; what is trained is kept. Ctrl-C again stops at once.";
          await compareNets({ ...options, nets: options.nets }, stop, output);
        }
        finish(ExitStatus.done);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        output.note(
          options.nets === undefined
            ? "Stopped; nothing was written."
            : "Stopped; the same command goes on from here.",
        );
        finish(stop.status);
      }
    });
}

/** @throws UsageError if there is nothing to compare, or options do not go together */
function checkUsage(paths: readonly string[], options: CompareOptions): void {
  const { nets, seeds = defaultSeeds } = options;
  if (nets !== undefined) {
    if (paths.length > 0) throw new UsageError("nin compare: got RUN and --nets, expected one of them.");
    if (nets.length * seeds.length < 2) {
      throw new UsageError(
        `--nets: got ${nets[0]} alone, expected two networks or more, or several --seeds.`,
      );
    }
    return;
  }
  if (paths.length < 2) {
    throw new UsageError(
      `nin compare: got ${paths.length === 0 ? "no RUN" : "one RUN"}, expected two or more, or --nets.`,
    );
  }
  for (const name of ["dataset", "minutes", "seeds"] as const) {
    if (options[name] === undefined) continue;
    throw new UsageError(
      `--${name}: got it without --nets, expected it beside them: runs are trained already.`,
    );
  }
}

/** `nin compare RUN...` */
async function compareRuns(
  paths: readonly string[],
  options: CompareOptions,
  stop: StopSignal,
  output: Output,
): Promise<void> {
  checkDistinct(paths);
  if (options.out !== undefined) await checkUnused(options.out, "a comparison");
  const records: RunRecord[] = [];
  for (const path of paths) records.push(await readRun(path));
  const folder = () => options.out ?? newRunFolder("compare");
  await compareTrained(records, { folder }, options, stop, output);
}

/** `nin compare --nets LIST` */
async function compareNets(
  options: CompareOptions & { readonly nets: readonly ModelName[] },
  stop: StopSignal,
  output: Output,
): Promise<void> {
  const { nets, dataset = defaultDataset!, minutes = defaultMinutes, seeds = defaultSeeds, limit } = options;
  const out = options.out ?? `runs/compare-${dataset}`;
  const kept = await readPlan(out);
  const { signal } = stop;
  const { dataDir, verify } = options;
  const request = {
    dataset,
    verify,
    partInstead: true,
    syntheticInstead: false,
    quiet: false,
    signal,
    ...(dataDir !== undefined && { dataDir }),
  };
  const data = await loadTrainingData(request, output);
  const paths = await trainMissing(
    {
      nets,
      seeds,
      data,
      minutes,
      testImages: limit === "all" ? data.test.count : limit,
      folder: out,
      kept,
      openDevice: () => openRequested(options),
      conditions: conditionWords(options),
      signal,
    },
    output,
  );
  signal.throwIfAborted();
  const records: RunRecord[] = [];
  for (const path of paths) records.push(await readRun(path));
  await compareTrained(records, { folder: () => out, data }, options, stop, output);
}
