import { Command } from "commander";
import { DataIterator, evaluateWithScores, isSynthetic, loadDataset, Session } from "nin-net";
import {
  addDataOptions,
  addDeviceOptions,
  type DataOptions,
  type DeviceOptions,
  openRequested,
} from "../options/common-options.ts";
import { openRunPictures } from "../picture-folder/requested-pictures.ts";
import { collectTestResults } from "../report/test-results.ts";
import { reportName, writeReport } from "../report/write-report.ts";
import { openTrainedRun } from "../runs/trained-run.ts";
import { ExitStatus } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { countedBatches } from "../terminal/progress/counted-batches.ts";
import { downloadView } from "../terminal/progress/download-view.ts";
import { listenForStop } from "../terminal/stop-signal.ts";

interface ReportOptions extends DataOptions, DeviceOptions {
  readonly json?: boolean;
}

/** `nin report RUN`: writes the page about a run again. */
export function reportCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("report")
    .description(
      "Write a run's report.html again: recipe, curves, confusions, the worst mistakes and why, on one page that " +
        "needs no network. nin train writes it too.",
    )
    .argument("<run>", "the run's folder, as nin train named it")
    .option("--json", "print one JSON object");
  return addDeviceOptions(addDataOptions(command))
    .addHelpText("after", examples("report runs/first"))
    .action(async (path: string, options: ReportOptions) => {
      using stop = listenForStop(() => {});
      try {
        await runReport(path, options, stop.signal, output);
        finish(ExitStatus.done);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        output.note("Stopped; the report is as it was.");
        finish(stop.status);
      }
    });
}

async function runReport(
  path: string,
  options: ReportOptions,
  signal: AbortSignal,
  output: Output,
): Promise<void> {
  const { run, net, classes, preprocessing } = await openTrainedRun(path);
  const { dataset: name, batchSize, testLimit } = run.config.recipe;

  using download = downloadView(output.stderr, { quiet: false });
  const { dataDir, verify } = options;
  await using pictures = await openRunPictures(run, { elsewhere: dataDir, quiet: false, signal }, output);
  const data = pictures ?? (await loadDataset(name, { dataDir, verify, signal, onProgress: download.show }));
  download[Symbol.dispose]();
  if (run.config.datasetChecksum !== null && run.config.datasetChecksum !== data.checksum) {
    output.warn(`The data in ${data.source} is not what this run was trained with.`);
  }

  using device = await openRequested(options);
  using session = await Session.open(net, device);
  const images = new DataIterator(data.test, { batchSize, ...preprocessing, limit: testLimit });
  using testIter = countedBatches(images, output.stderr);
  const scores = await evaluateWithScores(session, testIter, { signal, classes });
  testIter[Symbol.dispose]();
  const results = await collectTestResults(net, data.test, scores, { device, preprocessing });
  signal.throwIfAborted();
  await writeReport(run, data, results);

  const report = run.file(reportName);
  const { testAccuracy, testLossNats } = scores.evaluation;
  if (options.json) {
    output.json({
      run: path,
      report,
      synthetic: isSynthetic(name),
      testImages: images.count,
      testLossNats,
      testAccuracy,
    });
  } else {
    output.result(`Report: ${report}`);
  }
}
