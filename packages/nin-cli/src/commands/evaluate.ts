import { Command } from "commander";
import {
  caveatOf,
  DataIterator,
  type EvaluationResult,
  evaluate,
  evaluationNotes,
  loadDataset,
  type Preprocessing,
} from "nin-net";
import {
  addDataOptions,
  addDeviceOptions,
  type DataOptions,
  type DeviceOptions,
  openRequested,
} from "../options/common-options.ts";
import { wholeNumberOrAll } from "../options/values.ts";
import { openRunPictures } from "../picture-folder/requested-pictures.ts";
import { frequentConfusions } from "../report/frequent-confusions.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { checkExists } from "../runs/run-path.ts";
import { networkOf } from "../runs/trained-run.ts";
import { beatsChance } from "../statistics/beats-chance.ts";
import { ExitStatus } from "../terminal/exit-status.ts";
import { grouped, tableLines } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { countedBatches } from "../terminal/progress/counted-batches.ts";
import { downloadView } from "../terminal/progress/download-view.ts";
import { beyondAll } from "../terminal/progress/sentences.ts";
import { listenForStop } from "../terminal/stop-signal.ts";

interface EvaluateOptions extends DataOptions, DeviceOptions {
  readonly limit?: number | "all";
  readonly flipTest?: boolean;
  readonly json?: boolean;
}

/** `nin evaluate RUN`: what the trained network does on the test images. */
export function evaluateCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("evaluate")
    .description("Classify the test images with a run's network: loss, accuracy, each class, confusions.")
    .argument("<run>", "the run's folder, as nin train named it")
    .option("--limit <n>", "the first n test images, or all (default: all)", wholeNumberOrAll("--limit"))
    .option("--flip-test", "average each image's scores with those of its mirror image")
    .option("--json", "print one JSON object");
  return addDeviceOptions(addDataOptions(command))
    .addHelpText("after", examples("evaluate runs/first"))
    .action(async (path: string, options: EvaluateOptions) => {
      using stop = listenForStop(() => {});
      try {
        await runEvaluate(path, options, stop.signal, output);
        finish(ExitStatus.done);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        output.note("Stopped; nothing was changed.");
        finish(stop.status);
      }
    });
}

async function runEvaluate(
  path: string,
  options: EvaluateOptions,
  signal: AbortSignal,
  output: Output,
): Promise<void> {
  checkExists(path);
  const run = await RunFolder.open(path);
  const { dataset: name, batchSize } = run.config.recipe;
  const net = networkOf(run.config.recipe, run.image);
  const trained = await run.loadCheckpoint(net);

  using download = downloadView(output.stderr, { quiet: false });
  const { dataDir, verify } = options;
  await using pictures = await openRunPictures(run, { elsewhere: dataDir, quiet: false, signal }, output);
  const data = pictures ?? (await loadDataset(name, { dataDir, verify, signal, onProgress: download.show }));
  download[Symbol.dispose]();
  if (run.config.datasetChecksum !== null && run.config.datasetChecksum !== data.checksum) {
    output.warn(`The data in ${data.source} is not what this run was trained with.`);
  }

  using device = await openRequested(options);
  // A batch of large images may take long: it is not waited for.
  signal.addEventListener("abort", () => device[Symbol.dispose]());
  const limit = options.limit === "all" ? undefined : options.limit;
  const images = new DataIterator(data.test, { batchSize, ...run.preprocessing, limit });
  const { flipTest: flips = false } = options;
  using testIter = countedBatches(images, output.stderr);
  const evaluation = await evaluate(net, testIter, { device, signal, classes: data.classes, flips });
  testIter[Symbol.dispose]();

  const isImported = run.config.weightsOrigin !== undefined && trained.epoch + trained.step === 0;
  const hint = isImported ? importHint(evaluation, run.preprocessing) : null;
  if (hint !== null) output.warn(hint);
  if (limit !== undefined && limit > images.count) {
    output.warn(beyondAll("--limit", limit, `${grouped(images.count)} test images`));
  }
  // What some images show says nothing of classes that they may not be of.
  const isWhole = images.count === data.test.count;
  if (trained.epoch > 0 && isWhole)
    for (const note of evaluationNotes(evaluation, trained.epoch)) output.warn(note);
  const { synthetic } = data;
  if (options.json) {
    output.json({
      run: path,
      dataset: name,
      synthetic,
      testImages: images.count,
      flipTest: flips,
      ...evaluation,
    });
    return;
  }
  const what = synthetic
    ? "synthetic test images (not Fashion-MNIST)"
    : `test images of ${caveatOf(data.name) ?? data.title}`;
  const how = flips ? ", scores averaged with those of their mirror images" : "";
  const all = data.test.count;
  const count = images.count < all ? `The first ${grouped(images.count)} of ${grouped(all)}` : grouped(all);
  output.result(`${count} ${what}${how}`);
  for (const line of evaluationLines(evaluation)) output.result(line);
}

/**
 * What may be wrong with weights from elsewhere that do little better than guessing; null if they do better. Weights
 * that miss their normalisation get some images right.
 */
export function importHint(
  { testAccuracy, perClass }: Pick<EvaluationResult, "testAccuracy" | "perClass">,
  { mean, std }: Pick<Preprocessing, "mean" | "std">,
): string | null {
  if (beatsChance(testAccuracy, perClass.length)) return null;
  const [got, guessed] = [testAccuracy.toFixed(3), (1 / perClass.length).toFixed(3)];
  const before = `The imported weights do little better than chance here (${got}; chance is ${guessed}).`;
  return mean === null && std === null
    ? `${before} Were their images normalized elsewhere? Import them again with the --mean and --std that they ` +
        "were trained with; a wrong --dataset or --resize shows in the same way."
    : `${before} Import them again with the --mean, --std, --dataset and --resize that they were trained with.`;
}

function evaluationLines({ testLossNats, testAccuracy, perClass, confusion }: EvaluationResult): string[] {
  const share = (value: number) => value.toFixed(3);
  const numbered = perClass.map(({ name }, k) => (name === String(k) ? name : `${k} ${name}`));
  const confusions =
    perClass.length <= mostTableClasses
      ? confusionTable(confusion, numbered)
      : mostFrequent(confusion, numbered);
  return [
    `test loss ${share(testLossNats)}, test acc ${share(testAccuracy)}`,
    "",
    ...tableLines(
      [
        ["class", "precision", "recall", "F1", "images"],
        ...perClass.map(({ precision, recall, f1, support }, k) => [
          numbered[k]!,
          share(precision),
          share(recall),
          share(f1),
          grouped(support),
        ]),
      ],
      ["left", "right"],
    ),
    "",
    ...confusions,
  ];
}

/** With more classes, the confusion matrix is too wide for a terminal. */
const mostTableClasses = 30;

function confusionTable(confusion: EvaluationResult["confusion"], names: readonly string[]): string[] {
  return [
    "Confusion matrix: a row for each true class, a column for each predicted one.",
    ...tableLines(
      [
        ["", ...names.map((_, k) => String(k))],
        ...confusion.map((row, k) => [names[k]!, ...row.map(String)]),
      ],
      ["left", "right"],
    ),
  ];
}

function mostFrequent(confusion: EvaluationResult["confusion"], names: readonly string[]): string[] {
  const mistakes = frequentConfusions(confusion);
  if (mistakes.length === 0) return ["No class was taken for another."];
  const rows = mistakes.map(({ count, k, column }) => [names[k]!, names[column]!, grouped(count)]);
  return [
    `The ${mistakes.length} most frequent confusions; --json has them all.`,
    ...tableLines([["true class", "taken for", "images"], ...rows], ["left", "left", "right"]),
  ];
}
