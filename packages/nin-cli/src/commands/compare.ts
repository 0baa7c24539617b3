import { join } from "node:path";
import { Command } from "commander";
import {
  type AnySplit,
  type Dataset,
  type DatasetName,
  datasetNames,
  loadDataset,
  type ModelName,
  makeFolders,
  modelNames,
} from "nin-net";
import { type ComparedRun, testRun } from "../compare/compared-run.ts";
import { type Comparison, comparisonOf } from "../compare/comparison.ts";
import { comparisonCsv } from "../compare/comparison-csv.ts";
import { comparisonJson } from "../compare/comparison-json.ts";
import { comparisonLines } from "../compare/comparison-table.ts";
import { comparisonHtml } from "../compare/page/page.ts";
import { readPlan } from "../compare/plan-file.ts";
import { checkDistinct, type RunRecord, readRun } from "../compare/run-record.ts";
import { testSetOf } from "../compare/test-set.ts";
import { trainMissing } from "../compare/train-missing.ts";
import {
  addDataOptions,
  addDeviceOptions,
  type DataOptions,
  type DeviceOptions,
  openRequested,
} from "../options/common-options.ts";
import {
  datasetName,
  distinctOf,
  folder,
  listed,
  realNumber,
  wholeNumberOrAll,
  wholeNumbers,
} from "../options/values.ts";
import { openRunPictures } from "../picture-folder/requested-pictures.ts";
import { replaceFile, writing } from "../runs/run-folder-files.ts";
import { checkUnused, newRunFolder } from "../runs/run-path.ts";
import { loadTrainingData } from "../runs/training-data.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { downloadView } from "../terminal/progress/download-view.ts";
import { listenForStop, type StopSignal } from "../terminal/stop-signal.ts";

interface CompareOptions extends DataOptions, DeviceOptions {
  readonly nets?: readonly ModelName[];
  readonly dataset?: DatasetName;
  readonly minutes?: number;
  readonly seeds?: readonly number[];
  readonly out?: string;
  readonly limit?: number | "all";
  readonly json?: boolean;
}

/** By what tells the data of one run from those of another. */
type LoadedData = Map<string, Dataset<AnySplit> & Partial<AsyncDisposable>>;

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
  const loaded: LoadedData = new Map();
  try {
    const comparison = await compared(records, loaded, options, stop, output);
    await writeComparison(comparison, options.out ?? (await newRunFolder("compare")), options, output);
  } finally {
    // Pictures of one's own are read from an open file.
    for (const data of loaded.values()) await data[Symbol.asyncDispose]?.();
  }
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
  const paths = await trained();
  signal.throwIfAborted();
  const records: RunRecord[] = [];
  for (const path of paths) records.push(await readRun(path));
  await writeComparison(
    await compared(records, new Map([[data.name, data]]), options, stop, output),
    out,
    options,
    output,
  );

  async function trained(): Promise<string[]> {
    using device = await openRequested(options);
    const testImages = limit === "all" ? data.test.count : limit;
    return await trainMissing(
      { nets, seeds, data, minutes, testImages, folder: out, kept, device, signal },
      output,
    );
  }
}

/**
 * Classifies the test images with every run.
 *
 * @param loaded - data sets that are there already, by name
 */
async function compared(
  records: readonly RunRecord[],
  loaded: LoadedData,
  options: CompareOptions,
  { signal }: StopSignal,
  output: Output,
): Promise<Comparison> {
  const runs: ComparedRun[] = [];
  {
    using device = await openRequested(options);
    // A batch of large images may take long: it is not waited for.
    signal.addEventListener("abort", () => device[Symbol.dispose]());
    for (const record of records) {
      const data = await dataOf(record, loaded, options, signal, output);
      const testSet = testSetOf(data, testCount(record, records, options));
      output.note(`Testing ${record.run.path}`);
      runs.push(await testRun(record, testSet, { device, signal, stream: output.stderr }));
    }
  }
  signal.throwIfAborted();
  output.note("Measuring the memory of a training step");
  return comparisonOf(runs, () => openRequested(options), signal);
}

/** How many test images are taken: those on which every run of the data set was tested while it trained. */
function testCount({ run }: RunRecord, records: readonly RunRecord[], { limit }: CompareOptions): number {
  if (limit !== undefined) return limit === "all" ? Number.POSITIVE_INFINITY : limit;
  const others = records.filter((other) => dataKey(other) === dataKey({ run }));
  return Math.min(...others.map(({ start }) => start?.testImages ?? Number.POSITIVE_INFINITY));
}

/** The data set, or the folder with pictures of one's own. */
function dataKey({ run: { config } }: Pick<RunRecord, "run">): string {
  return config.pictures?.path ?? config.recipe.dataset;
}

async function dataOf(
  { run }: RunRecord,
  loaded: LoadedData,
  { dataDir, verify }: CompareOptions,
  signal: AbortSignal,
  output: Output,
): Promise<Dataset<AnySplit>> {
  const { recipe, datasetChecksum } = run.config;
  using download = downloadView(output.stderr, { quiet: false });
  const key = dataKey({ run });
  const data =
    loaded.get(key) ??
    (await openRunPictures(run, { elsewhere: dataDir, quiet: false, signal }, output)) ??
    (await loadDataset(recipe.dataset, { dataDir, verify, signal, onProgress: download.show }));
  loaded.set(key, data);
  if (datasetChecksum !== null && datasetChecksum !== data.checksum) {
    output.warn(`The data in ${data.source} is not what ${run.path} was trained with.`);
  }
  return data;
}

const pageName = "compare.html";
const csvName = "compare.csv";

async function writeComparison(
  comparison: Comparison,
  path: string,
  { json }: CompareOptions,
  output: Output,
): Promise<void> {
  await writing(path, () => makeFolders(path));
  const [page, csv] = [join(path, pageName), join(path, csvName)];
  await replaceFile(page, await comparisonHtml(comparison));
  await replaceFile(csv, comparisonCsv(comparison));
  if (json) {
    output.json({ page, csv, ...comparisonJson(comparison) });
    return;
  }
  for (const line of comparisonLines(comparison)) output.result(line);
  output.result("");
  output.result(`Page: ${page}`);
}
