import { Command } from "commander";
import {
  type AnySplit,
  balancedWeights,
  type Communicator,
  createSchedule,
  type DataInitialisationOptions,
  DataIterator,
  type Dataset,
  type DivergencePolicy,
  datasetNamed,
  initialiseByData,
  type Layer,
  packageVersion,
  preprocessedShape,
  preprocessingOf,
  type Recipe,
  sliceSizeFor,
  tensorsDigest,
  versions,
} from "nin-net";
import { openRequested } from "../options/common-options.ts";
import { checkAugment, checkInputSize } from "../options/input-size.ts";
import { givenSettings, recipeOf } from "../options/recipe-options.ts";
import {
  addTrainOptions,
  checkTrainOptions,
  mayBeSynthetic,
  type TrainOptions,
} from "../options/train-options.ts";
import { deviceWithoutPasses } from "../options/without-passes.ts";
import {
  picturePathOf,
  picturesToTrainOn,
  type TrainCall,
  type TrainingPictures,
  withoutPath,
} from "../picture-folder/pictures-to-train-on.ts";
import { machineName } from "../report/machine.ts";
import { shortDigest } from "../runs/file-digest.ts";
import { InitialWeights, loadOrigin } from "../runs/initial-weights.ts";
import { amongRanks, type Ranks } from "../runs/ranks.ts";
import { ResumedRun } from "../runs/resumed-run.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { checkUnused, newRunFolder } from "../runs/run-path.ts";
import { trainRun } from "../runs/train-run.ts";
import { networkOf } from "../runs/trained-run.ts";
import { loadTrainingData } from "../runs/training-data.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { grouped } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { chooseView } from "../terminal/progress/choose-view.ts";
import { lastLines } from "../terminal/progress/last-lines.ts";
import { beyondAll } from "../terminal/progress/sentences.ts";
import { listenForStop, type StopSignal } from "../terminal/stop-signal.ts";
import { runFindRate } from "./train-find-lr.ts";

/** `nin train`: trains a network, shows how it goes, keeps everything in a folder. */
export function trainCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("train").description(
    "Train Network in Network. Without options: the tutorial's recipe on Fashion-MNIST.",
  );
  return addTrainOptions(command)
    .addHelpText(
      "after",
      examples(
        "train --preset fast",
        "train --epochs 3 --lr 0.05 --out runs/tutorial",
        "train --dataset path/to/photos",
        "train --resume runs/tutorial --epochs 10",
      ),
    )
    .action(async (options: TrainOptions) => {
      const isGiven = (name: keyof TrainOptions) => command.getOptionValueSource(name) === "cli";
      checkTrainOptions(options, isGiven);
      const hasRecipe = isGiven("preset") || options.recipe !== undefined;
      finish(
        await amongRanks(output, options.rankTimeout, (ranks) =>
          runTrain(
            { options, hasRecipe, givenPasses: isGiven("passes") ? options.passes : undefined },
            ranks,
          ),
        ),
      );
    });
}

interface TrainRequest {
  readonly options: TrainOptions;
  /** Whether a preset or the file of a recipe is named. */
  readonly hasRecipe: boolean;
  /** The passes to leave out that the command line names, if it does. */
  readonly givenPasses: readonly string[] | undefined;
}

async function runTrain(
  { options: given, hasRecipe, givenPasses }: TrainRequest,
  ranks: Ranks,
): Promise<ExitStatus> {
  const { communicator, output } = ranks;
  await ranks.mustBeCalledAlike(given);
  using resumed =
    given.resume === undefined
      ? undefined
      : await ResumedRun.open(
          given.resume,
          (begun) => givenSettings(withoutPath(given), begun),
          ranks.isFirst,
        );
  const from = given.from === undefined ? undefined : await InitialWeights.open(given.from);
  const isOnNewPictures =
    picturePathOf(given) !== undefined || (given.dataset === undefined && from?.pictures !== undefined);
  const options: TrainOptions = isOnNewPictures && !hasRecipe ? { ...given, preset: "pictures" } : given;
  const withoutPasses = resumed?.passesLeftOut(givenPasses) ?? options.passes;
  if (options.out !== undefined && ranks.isFirst) await checkUnused(options.out);

  const stopped = ({ status }: StopSignal): ExitStatus => {
    output.note("Stopped before training began; nothing was written.");
    return status;
  };
  const isOnPictures = isOnNewPictures || resumed?.run.config.pictures !== undefined;
  using reading = isOnPictures ? listenForStop(() => output.note("Stopping.")) : undefined;
  const pictures = await ranks.firstRankFirst(() =>
    unlessStopped({ options, resumed, from, signal: reading?.signal }, output),
  );
  await using _ = pictures?.data;
  if (reading?.signal.aborted) return stopped(reading);
  reading?.[Symbol.dispose]();
  const wanted = resumed?.recipe ?? pictures?.recipe ?? recipeOf(options, from?.settings);
  const about = pictures?.data ?? datasetNamed(wanted.dataset);
  const { image } = about;
  const preprocessing = preprocessingOf("recipe", wanted, image);
  const net = networkOf(wanted, image);
  checkInputSize({ net, name: wanted.net }, preprocessedShape(image, preprocessing));
  checkAugment(wanted, image);
  const weightsOrigin = await from?.loadInto(net, wanted, about, options.newHead === true);

  using view = chooseView(options, output);
  let whenStopped = "Stopping.";
  using stop = listenForStop(() => view.note(whenStopped));
  const data = pictures?.data ?? (await ranks.firstRankFirst(() => loadData(wanted, options, stop, output)));
  if (data === undefined || stop.signal.aborted) return stopped(stop);
  warnOfLimits(wanted, options, data, output);
  await ranks.mustAgree(
    { [`${data.title} of SHA-256`]: shortDigest(data.checksum) },
    "Give every rank the same data.",
  );
  resumed?.checkData(data);
  resumed?.checkState(net);
  const slice = wanted.slice ?? sliceSizeFor(net, preprocessedShape(image, preprocessing));
  const classWeights =
    resumed === undefined ? weightsOf(wanted, options, data) : resumed.weightsGiven(options.classWeights);
  const testLimit = (wanted.testLimit ?? data.test.count) < data.test.count ? wanted.testLimit : null;
  const recipe: Recipe = { ...wanted, dataset: data.name, testLimit, slice, classWeights };
  checkShares(recipe, data, communicator);
  using device = deviceWithoutPasses(
    await openRequested(ranks.deviceOptions(options), communicator.coreSharers),
    withoutPasses,
  );
  const { batchSize, limit, seed } = recipe;
  const trainIter = new DataIterator(data.train, { batchSize, ...preprocessing, limit, seed, shuffle: true });
  const isBegun = from !== undefined || (resumed !== undefined && !resumed.beginsFresh);
  if (recipe.netOptions.init === "data" && !isBegun) {
    if (!(await isScaledByData(net, trainIter, { device, slice, signal: stop.signal }))) return stopped(stop);
  }
  if (options.findLr !== undefined) {
    view[Symbol.dispose]();
    const steps = options.findLr === true ? usualSearchSteps : options.findLr;
    const { out, json = false, quiet = false } = options;
    return await runFindRate({ net, data, trainIter, recipe, device, stop, steps, out, json, quiet }, ranks);
  }
  await ranks.mustAgree(
    { "weights of SHA-256": shortDigest(await tensorsDigest(net.stateDict())) },
    "Give every rank the same files and the same version.",
  );
  const onDivergence = options.onDivergence ?? resumed?.run.config.onDivergence ?? "stop";
  const createRun = async () =>
    RunFolder.create(options.out ?? (await newRunFolder(recipe.dataset)), {
      recipe,
      versions: versions(),
      datasetChecksum: data.checksum,
      onDivergence,
      withoutPasses,
      machine: machineName(),
      image: data.image,
      preprocessing,
      ...(pictures && { pictures: pictures.data.pictures }),
      ...(weightsOrigin && { weightsOrigin }),
    });
  using run = ranks.isFirst ? (resumed?.run ?? (await createRun())) : undefined;
  const warning = from?.warning(recipe, options.newHead === true);
  if (warning) output.warn(warning);
  tellOf(resumed, output);
  const origin = resumed?.startsAgain ? resumed.run.config.weightsOrigin : undefined;
  if (origin) await loadOrigin(origin, net, recipe, about);
  const { before, resume } = (await ranks.firstRankFirst(async () => resumed?.rewind())) ?? {
    before: [],
    resume: undefined,
  };

  whenStopped = "Stopping after this step; the weights are kept. Ctrl-C again stops at once.";
  const trained = await trainRun({
    run,
    net,
    data,
    device,
    recipe,
    trainIter,
    view,
    signal: stop.signal,
    before,
    resume,
    onDivergence,
    checkpointEveryMinutes: options.checkpointEvery,
    tensorboard: options.tensorboard,
    onEvent: options.json ? (event) => output.json(event) : undefined,
    communicator,
  });
  ranks.trained();
  view[Symbol.dispose]();
  const folder = run?.path ?? "";
  const wasFinished = resumed?.isFinished === true;
  return ended(trained, { options, folder, onDivergence, wasFinished, recipe, stop }, output);
}

/** What there is to know of a run that goes on. */
function tellOf(resumed: ResumedRun | undefined, output: Output): void {
  if (resumed?.otherVersion) {
    output.warn(
      `The run was begun with nin-net ${resumed.otherVersion}, this is ${packageVersion}: the last digits of ` +
        "what it learns may differ.",
    );
  }
  if (resumed?.startsAgain) output.note("The run had ended before its first checkpoint: it starts again.");
}

function doneAlready(epochs: number): string {
  return epochs === 1 ? "The one epoch was done already" : `All ${epochs} epochs were done already`;
}

/** Says how a run has ended. */
function ended(
  { start, divergence, done }: Awaited<ReturnType<typeof trainRun>>,
  {
    options,
    folder,
    onDivergence,
    wasFinished,
    recipe: { epochs, schedule },
    stop,
  }: {
    readonly options: TrainOptions;
    readonly folder: string;
    readonly onDivergence: DivergencePolicy;
    readonly wasFinished: boolean;
    readonly recipe: Recipe;
    readonly stop: StopSignal;
  },
  output: Output,
): ExitStatus {
  const isQuick = options.preset === "fast";
  const hasRolledBack = onDivergence === "rollback";
  const { spansRun } = createSchedule(schedule);
  for (const line of lastLines({ start, done, folder, hasRolledBack, isQuick })) {
    if (!options.json) output.result(line);
    else if (!options.quiet) output.note(line);
  }
  switch (done.reason) {
    case "finished":
      if (wasFinished)
        output.note(`${doneAlready(epochs)}${spansRun ? "" : "; a larger --epochs adds more"}.`);
      return ExitStatus.done;
    case "stopped":
      return stop.status;
    case "diverged":
      output.error(divergence!.message);
      return ExitStatus.failed;
    default:
      return done.reason satisfies never;
  }
}

/** @throws UsageError if a batch has fewer slices than there are ranks */
function checkShares(
  { batchSize, slice, limit }: Recipe,
  { train }: Dataset<AnySplit>,
  { size }: Communicator,
): void {
  const images = Math.min(batchSize, limit ?? train.count, train.count);
  const slices = Math.ceil(images / slice!);
  if (slices >= size) return;
  throw new UsageError(
    `mpirun: got ${size} ranks for batches of ${slices} ${slices === 1 ? "slice" : "slices"} ` +
      `(${images} images, ${slice} a slice), expected a slice for each rank at least. ` +
      "Start fewer ranks, or give a larger --batch-size or a smaller --slice.",
  );
}

/** Scales fresh weights by the first batch of training images. @returns false if it was stopped */
async function isScaledByData(
  net: Layer,
  trainIter: DataIterator,
  options: DataInitialisationOptions,
): Promise<boolean> {
  const [first] = trainIter.batches(0);
  try {
    await initialiseByData(net, first![0], options);
    return true;
  } catch (error) {
    if (options.signal?.aborted === true && error === options.signal.reason) return false;
    throw error;
  }
}

/** Steps of `--find-lr` without a number. */
const usualSearchSteps = 100;

/** @returns undefined if it was stopped */
async function loadData(
  recipe: Recipe,
  options: TrainOptions,
  { signal }: StopSignal,
  output: Output,
): Promise<Dataset | undefined> {
  const { dataDir, verify, quiet = false } = options;
  try {
    return await loadTrainingData(
      {
        dataset: recipe.dataset,
        verify,
        // A run goes on with what it was begun on.
        partInstead: options.resume === undefined,
        syntheticInstead: mayBeSynthetic(options),
        quiet,
        signal,
        ...(dataDir !== undefined && { dataDir }),
      },
      output,
    );
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** @returns undefined if it was stopped, or a data set of the registry is trained on */
async function unlessStopped(call: TrainCall, output: Output): Promise<TrainingPictures | undefined> {
  try {
    return await picturesToTrainOn(call, output);
  } catch (error) {
    if (call.signal?.aborted) return undefined;
    throw error;
  }
}

/** How much the images of each class are to count. */
function weightsOf(
  recipe: Recipe,
  { classWeights }: TrainOptions,
  data: Dataset<AnySplit>,
): Recipe["classWeights"] {
  switch (classWeights) {
    case undefined:
      return recipe.classWeights;
    case "none":
      return null;
    case "balanced":
      return balancedWeights(data.train.labels.subarray(0, recipe.limit ?? undefined), data.classes.length);
    default:
      return classWeights satisfies never;
  }
}

function warnOfLimits(
  { limit, testLimit }: Recipe,
  options: TrainOptions,
  { train, test }: Dataset<AnySplit>,
  output: Output,
): void {
  if (limit !== null && limit > train.count && options.limit !== undefined) {
    output.warn(beyondAll("--limit", limit, `${grouped(train.count)} training images`));
  }
  if (testLimit !== null && testLimit > test.count && options.testLimit !== undefined) {
    output.warn(beyondAll("--test-limit", testLimit, `${grouped(test.count)} test images`));
  }
}
