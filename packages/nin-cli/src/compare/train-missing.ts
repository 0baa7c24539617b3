import { dirname, join } from "node:path";
import {
  DataError,
  type Dataset,
  type Device,
  type ModelName,
  makeFolders,
  modelNamed,
  NinError,
  preprocessedShape,
  preprocessingOf,
  type Recipe,
  resizeText,
  sliceSizeFor,
} from "nin-net";
import { recipeOf } from "../options/recipe-options.ts";
import { duration } from "../report/figures.ts";
import { replaceFile, writing } from "../runs/run-folder-files.ts";
import { runStateOf } from "../runs/run-state.ts";
import { trainProcess } from "../runs/train-process.ts";
import { networkOf } from "../runs/trained-run.ts";
import { grouped, tableLines } from "../terminal/format.ts";
import type { Output } from "../terminal/output.ts";
import { chooseView } from "../terminal/progress/choose-view.ts";
import { counted } from "../terminal/progress/sentences.ts";
import { type KeptPlan, recipesName, writePlan } from "./plan-file.ts";
import { measureTraining } from "./training-cost.ts";
import { planTraining, type TrainingPlan } from "./training-plan.ts";

export interface TrainingRequest {
  readonly nets: readonly ModelName[];
  readonly seeds: readonly number[];
  readonly data: Dataset;
  /** For all that has no plan yet. */
  readonly minutes: number;
  /** The first so many test images; undefined: as many as the budget allows. */
  readonly testImages: number | undefined;
  /** The comparison's folder. */
  readonly folder: string;
  /** What the folder holds already; null: nothing. */
  readonly kept: KeptPlan | null;
  /** On which is measured what fits into the budget. */
  readonly openDevice: () => Promise<Device>;
  /** Where the data are and how is computed, as words after `nin train`. */
  readonly conditions: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Trains what a comparison lacks: says what will run, then trains one network after the other. Runs that have ended
 * are left as they are, runs that were stopped go on.
 *
 * @returns the folders of the runs; some may be missing once the signal is aborted
 * @throws DataError if the budget is too small, or the folder belongs to a comparison on other data
 */
export async function trainMissing(request: TrainingRequest, output: Output): Promise<string[]> {
  const { nets, seeds, data, folder, signal } = request;
  const plan = await wholePlan(request, output);
  const testLimit = plan.testImages < data.test.count ? plan.testImages : null;
  const runs = nets.flatMap((net) =>
    seeds.map((seed) => ({
      recipe: { ...plan.recipes[net]!, testLimit, seed },
      name: `${net}-${seed}`,
      title: `${net}, seed ${seed}`,
      path: join(folder, `${net}-${seed}`),
    })),
  );
  for (const [i, { recipe, path, name, title }] of runs.entries()) {
    if (signal.aborted) break;
    const place = `${title} (${i + 1} of ${runs.length})`;
    const { kind } = await runStateOf(path);
    if (kind === "finished" || kind === "diverged") {
      output.note(`${place}: trained already, ${path}`);
      continue;
    }
    output.note(`${place}: ${scaleText(recipe, data)}`);
    await trainOne({ folder, name, recipe }, request, output);
  }
  return runs.map(({ path }) => path);
}

/** The kept plan, with what it lacks; that is said and kept before anything is trained. */
async function wholePlan(request: TrainingRequest, output: Output): Promise<KeptPlan> {
  const { nets, data, folder, kept } = request;
  if (kept !== null && kept.dataset !== data.name) {
    throw new DataError(
      `--dataset: got ${data.name}, but ${folder} holds a comparison on ${kept.dataset}. Choose a new --out, or leave --dataset as it was.`,
    );
  }
  const missing = nets.filter((net) => kept?.recipes[net] === undefined);
  if (kept !== null && missing.length === 0) return kept;
  const candidates = missing.map((net) => ownRecipe(net, data));
  const { testImages, networks } = await fittedPlan(candidates, request, output);
  const recipes = Object.fromEntries(networks.map(({ recipe }) => [recipe.net, recipe]));
  const plan = { dataset: data.name, testImages, recipes: { ...kept?.recipes, ...recipes } };
  for (const line of planLines({ testImages, networks }, request)) output.note(line);
  await writePlan(folder, plan);
  return plan;
}

/** As `nin train --net` has it. */
function ownRecipe(net: ModelName, data: Dataset): Recipe {
  const recipe = recipeOf({ preset: "tutorial", net, dataset: data.name });
  const shape = preprocessedShape(data.image, preprocessingOf("recipe", recipe, data.image));
  return { ...recipe, slice: sliceSizeFor(networkOf(recipe, data.image), shape) };
}

async function fittedPlan(
  recipes: readonly Recipe[],
  { data, minutes, seeds, kept, testImages, openDevice, signal }: TrainingRequest,
  output: Output,
): Promise<TrainingPlan> {
  const began = performance.now();
  using device = await openDevice();
  const candidates = [];
  for (const recipe of recipes) {
    output.note(`Measuring how fast ${recipe.net} trains here.`);
    const preprocessing = preprocessingOf("recipe", recipe, data.image);
    candidates.push({ recipe, cost: await measureTraining(recipe, data, preprocessing, device, signal) });
  }
  const given = kept?.testImages ?? testImages;
  return planTraining(candidates, {
    minutes,
    spentSeconds: (performance.now() - began) / 1000,
    runs: seeds.length,
    trainImages: data.train.count,
    testImages: Math.min(given ?? data.test.count, data.test.count),
    mayTestFewer: given === undefined,
  });
}

/** What will run, before it does. */
function planLines(
  { testImages, networks }: TrainingPlan,
  { data, minutes, seeds, folder }: TrainingRequest,
): string[] {
  const tested =
    testImages === data.test.count
      ? `all ${grouped(testImages)} test images`
      : `the first ${grouped(testImages)} of ${grouped(data.test.count)} test images`;
  const each = seeds.length > 1 ? `, each with the seeds ${seeds.join(", ")}` : "";
  return [
    `Within about ${counted(minutes, "minute")}, on ${data.title}, tested on ${tested}${each}, into ${folder}:`,
    ...tableLines(
      networks.map(({ recipe, seconds }) => [
        `  ${recipe.net}`,
        `at ${resizeText(recipe.resize)}`,
        scaleText(recipe, data),
        `about ${duration(seconds)}${seeds.length > 1 ? " a run" : ""}`,
      ]),
      ["left"],
    ),
  ];
}

function scaleText({ net, epochs, limit, batchSize }: Recipe, data: Dataset): string {
  const own = modelNamed(net).recipe;
  const images =
    limit === null
      ? `all ${grouped(data.train.count)} images`
      : `${grouped(limit)} of ${grouped(data.train.count)} images`;
  const isWhole = limit === null && epochs === own.epochs;
  const scale = `${counted(epochs, "epoch")} on ${images}, batch ${batchSize}`;
  return isWhole
    ? `${scale}: its whole recipe`
    : `${scale}, not the recipe's ${counted(own.epochs, "epoch")}`;
}

/** @throws NinError if the run fails */
async function trainOne(
  { folder, name, recipe }: { readonly folder: string; readonly name: string; readonly recipe: Recipe },
  { conditions, signal }: Pick<TrainingRequest, "conditions" | "signal">,
  output: Output,
): Promise<void> {
  const file = join(folder, recipesName, `${name}.json`);
  await writing(file, () => makeFolders(dirname(file)));
  await replaceFile(file, `${JSON.stringify(recipe, null, 2)}\n`);
  using view = chooseView({}, output);
  const call = { folder: join(folder, name), settings: ["--recipe", file], conditions };
  const end = await trainProcess(call, { onEvent: (event) => view.show(event), signal });
  if (end.kind !== "failed") return;
  const state = await runStateOf(call.folder);
  if (state.kind !== "diverged") throw new NinError(`${call.folder}: ${end.message}`);
  view.note(state.divergence.message);
}
