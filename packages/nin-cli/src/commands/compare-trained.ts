/** What ends `nin compare` and `nin sweep`: runs side by side, in the terminal and on a page. */
import { join } from "node:path";
import { type AnySplit, type Dataset, loadDataset, makeFolders } from "nin-net";
import { type ComparedRun, testRun } from "../compare/compared-run.ts";
import { type Comparison, comparisonOf } from "../compare/comparison.ts";
import { comparisonCsv } from "../compare/comparison-csv.ts";
import { comparisonJson } from "../compare/comparison-json.ts";
import { comparisonLines } from "../compare/comparison-table.ts";
import { comparisonHtml } from "../compare/page/page.ts";
import type { RunRecord } from "../compare/run-record.ts";
import { testSetOf } from "../compare/test-set.ts";
import { type DataOptions, type DeviceOptions, openRequested } from "../options/common-options.ts";
import { openRunPictures } from "../picture-folder/requested-pictures.ts";
import { replaceFile, writing } from "../runs/run-folder-files.ts";
import type { Output } from "../terminal/output.ts";
import { downloadView } from "../terminal/progress/download-view.ts";
import type { StopSignal } from "../terminal/stop-signal.ts";

/** How runs are compared. */
export interface ComparisonOptions extends DataOptions, DeviceOptions {
  /** The first so many test images; default: those on which all were tested while they trained. */
  readonly limit?: number | "all";
  readonly json?: boolean;
}

/** By what tells the data of one run from those of another. */
type LoadedData = Map<string, Dataset<AnySplit> & Partial<AsyncDisposable>>;

/**
 * Classifies the test images with every run, writes page and figures into a folder, and prints them.
 *
 * @param records - in the order in which they are shown
 * @param data - of the registry, if it is loaded already
 * @throws the signal's reason once it is aborted
 */
export async function compareTrained(
  records: readonly RunRecord[],
  { folder, data }: { readonly folder: () => Promise<string> | string; readonly data?: Dataset },
  options: ComparisonOptions,
  stop: StopSignal,
  output: Output,
): Promise<void> {
  const loaded: LoadedData = new Map(data && [[data.name, data]]);
  try {
    const comparison = await compared(records, loaded, options, stop, output);
    await writeComparison(comparison, await folder(), options, output);
  } finally {
    // Pictures of one's own are read from an open file.
    for (const each of loaded.values()) await each[Symbol.asyncDispose]?.();
  }
}

/** @param loaded - data sets that are there already, by name */
async function compared(
  records: readonly RunRecord[],
  loaded: LoadedData,
  options: ComparisonOptions,
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
function testCount({ run }: RunRecord, records: readonly RunRecord[], { limit }: ComparisonOptions): number {
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
  { dataDir, verify }: ComparisonOptions,
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
  { json }: ComparisonOptions,
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
