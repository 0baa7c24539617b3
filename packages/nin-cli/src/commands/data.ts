import { stat } from "node:fs/promises";
import { Command } from "commander";
import {
  caveatOf,
  DataError,
  type DataOrigin,
  type DatasetName,
  type DatasetReport,
  datasetNames,
  datasets,
  describeData,
  type LocationReport,
  loadDataset,
} from "nin-net";
import { addDataOptions, type DataOptions } from "../options/common-options.ts";
import { datasetName } from "../options/values.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { decimalBytes, grouped, listed, quoted } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import { programCall } from "../terminal/invocation.ts";
import type { Output } from "../terminal/output.ts";
import { downloadView } from "../terminal/progress/download-view.ts";
import { listenForStop } from "../terminal/stop-signal.ts";

const downloadable = datasetNames.filter((name) => datasets[name].kind === "files");

interface ListOptions extends DataOptions {
  readonly json?: boolean;
  readonly download?: DatasetName;
  readonly mirror?: string;
}

/** `nin data`: what is there of every data set, where, and whether it verifies. */
export function dataCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("data")
    .description("List the data sets: what is there, where, and whether it is whole and official.")
    .option("--json", "print one JSON object a data set and line")
    .option(
      "--download <name>",
      `fetch ${listed(downloadable)}, into --data-dir or the cache`,
      datasetName("--download", downloadable),
    )
    .option(
      "--mirror <url>",
      "with --download: an address to try first (default: $NIN_DATA_URL)",
      webAddress,
    );
  return addDataOptions(command)
    .addHelpText("after", examples("data", "data --download fashion-mnist"))
    .action(async (options: ListOptions) => finish(await data(options, output)));
}

async function data(options: ListOptions, output: Output): Promise<ExitStatus> {
  if (options.download !== undefined) return download(options.download, options, output);
  if (options.mirror !== undefined) {
    throw new UsageError(
      "--mirror: got it without --download, expected a data set to fetch. Add --download.",
    );
  }
  if (options.dataDir !== undefined) await checkFolder(options.dataDir);
  const reports = await describeData({ dataDir: options.dataDir, verify: options.verify });
  if (options.json) {
    for (const report of reports) output.json(report);
  } else {
    output.result(reports.map((report) => reportLines(report, options.dataDir).join("\n")).join("\n\n"));
  }
  const isBroken = reports.some(({ places }) => places.some(({ status }) => status.kind === "problem"));
  return isBroken ? ExitStatus.failed : ExitStatus.done;
}

async function download(
  name: DatasetName,
  { dataDir, verify, json, mirror }: ListOptions,
  output: Output,
): Promise<ExitStatus> {
  using stop = listenForStop(() => {});
  using view = downloadView(output.stderr, { quiet: false });
  try {
    const { signal } = stop;
    const dataset = await loadDataset(name, {
      cacheDir: dataDir,
      mirror,
      verify,
      signal,
      onProgress: view.show,
      standIn: "last",
      onStandIn: (reason) => {
        view[Symbol.dispose]();
        output.warn(`${reason} npm has a part of it, which is taken instead.`);
      },
    });
    view[Symbol.dispose]();
    const { title, source, train, test } = dataset;
    if (json) {
      const counts = { trainImages: train.count, testImages: test.count };
      output.json({ name: dataset.name, title, folder: source, ...counts });
    } else {
      const counts = `${grouped(train.count)} training and ${grouped(test.count)} test images`;
      output.result(`${title} is in ${source}: ${counts}.`);
    }
    return ExitStatus.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    view[Symbol.dispose]();
    output.note("Stopped; files that had arrived whole are kept.");
    return stop.status;
  }
}

function reportLines({ name, title, places }: DatasetReport, dataDir: string | undefined): string[] {
  if (places.length === 0) return [`${name} (${title})`, "  needs no files: drawn by the program"];
  const shown = caveatOf(name) ?? title;
  const isThere = places.some(({ status }) => status.kind === "verified" || status.kind === "readable");
  const lines = [`${name} (${shown})`, ...places.flatMap(placeLines)];
  const into = dataDir === undefined ? "" : ` --data-dir ${quoted(dataDir)}`;
  if (!isThere) lines.push(`  get it: ${programCall()} data --download ${name}${into}`);
  return lines;
}

const originNames: Readonly<Record<DataOrigin, string>> = {
  dataDir: "--data-dir",
  NIN_DATA_DIR: "NIN_DATA_DIR",
  cache: "cache",
};

function placeLines({ origin, folder, files, status }: LocationReport): string[] {
  const bytes = files.reduce((sum, { found }) => sum + (found?.bytes ?? 0), 0);
  return [`  ${folder} (${originNames[origin]})`, `    ${statusText(status, decimalBytes(bytes))}`];
}

function statusText(status: LocationReport["status"], size: string): string {
  switch (status.kind) {
    case "absent":
      return "not there";
    case "other":
      return `not there: ${status.message}`;
    case "incomplete":
      return `incomplete: ${status.missing.join(", ")} missing`;
    case "verified":
      return `there, ${size}, verified`;
    case "readable":
      return `there, ${size}, whole; not compared with the official checksums`;
    case "problem":
      return `broken: ${status.message}`;
    default:
      return status satisfies never;
  }
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError(
    `--mirror: got ${JSON.stringify(text)}, expected an http or https address, such as https://mirror.example/data/.`,
  );
}

async function checkFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new DataError(
      `${path}: no such folder, expected the data folder that --data-dir names. Check the path.`,
    );
  }
}
