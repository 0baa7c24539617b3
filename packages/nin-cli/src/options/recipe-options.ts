import type { Command } from "commander";
import {
  type AugmentationSettings,
  augmentationNames,
  augmentations,
  DataError,
  datasetNamed,
  datasetNames,
  describeSettings,
  type ModelName,
  modelNamed,
  modelNames,
  NinError,
  type OptimizerSettings,
  optimizerNames,
  optimizers,
  type PresetName,
  parseRecipe,
  presets,
  type Recipe,
  type ScheduleSettings,
  scheduleNames,
  schedules,
} from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";
import { readJsonOrYaml } from "./json-or-yaml.ts";
import { addNetOptions, givenNetOptions } from "./net-options.ts";
import { datasetOrPictures } from "./picture-path.ts";
import {
  addSettingOption,
  givenSettingsOf,
  type SettingOwners,
  settingsOfKinds,
} from "./settings-options.ts";
import { filePath, noneOf, oneOf, optionName, realNumber, wholeNumber, wholeNumberOrAll } from "./values.ts";

/** The recipe's settings as options; what is left out comes from the preset. */
export interface RecipeOptions
  extends Partial<Omit<Recipe, "limit" | "testLimit" | "optimizer" | "classWeights">> {
  readonly preset: PresetName;
  /** A file with the recipe to begin from, in place of a preset, or what is in it. */
  readonly recipe?: string | RecipeSource;
  readonly limit?: number | "all";
  readonly testLimit?: number | "all";
  readonly optimizer?: OptimizerName;
  /** Numbers only once the training images are known. */
  readonly classWeights?: "balanced" | "none";
  /** With the data set's mean and standard deviation. */
  readonly normalize?: boolean;
}

/** A recipe that has not been checked yet. */
export interface RecipeSource {
  /** Where it is from, for messages. */
  readonly origin: string;
  readonly value: unknown;
}

type OptimizerName = OptimizerSettings["name"];

const presetNames = Object.keys(presets) as PresetName[];
const defaultPreset: PresetName = "tutorial";

/** `--preset` and an option for each setting of the recipe. */
export function addRecipeOptions(command: Command): Command {
  command
    .option(
      "--preset <name>",
      `${listed(presetNames)}; the options below change it`,
      oneOf("--preset", presetNames),
      defaultPreset,
    )
    .option(
      "--recipe <file>",
      "a recipe in JSON or YAML, such as a run's config.json, in place of a preset",
      filePath("--recipe"),
    )
    .option("--net <name>", `${listed(modelNames)}${defaults("net")}`, oneOf("--net", modelNames));
  addNetOptions(command)
    .option(
      "--dataset <name>",
      `${listed(datasetNames)}, or a path: a folder of pictures, zip or CSV${defaults("dataset")}`,
      datasetOrPictures("--dataset"),
    )
    .option(
      "--epochs <n>",
      `times that every image is seen${defaults("epochs")}`,
      wholeNumber("--epochs", { min: 1 }),
    )
    .option(
      "--batch-size <n>",
      `images a step${defaults("batchSize")}`,
      wholeNumber("--batch-size", { min: 1 }),
    )
    .option("--lr <x>", `learning rate${defaults("lr")}`, realNumber("--lr", { min: 0, aboveMin: true }))
    .option(
      "--optimizer <name>",
      `${listed(optimizerNames)}${defaultsBy(({ optimizer }) => optimizer.name)}`,
      oneOf("--optimizer", optimizerNames),
    );
  for (const [name, owners] of optimizerSettings.byName) {
    addSettingOption(command, owners, optimizerNames.length, usualValues(name, owners));
  }
  return command
    .option(
      "--schedule <name>",
      `of the rate: ${listed(scheduleNames)}, with settings as in step:epochs=3,gamma=0.1` +
        defaultsBy(({ schedule }) => schedule.name),
      parseSchedule,
    )
    .option(
      "--warmup <epochs>",
      `epochs in which the rate rises from 0${defaults("warmup")}`,
      realNumber("--warmup", { min: 0 }),
    )
    .option(
      "--label-smoothing <x>",
      `share of each label that is spread over all classes${defaults("labelSmoothing")}`,
      realNumber("--label-smoothing", { min: 0, max: 1, belowMax: true }),
    )
    .option(
      "--class-weights <how>",
      "balanced: pictures of small classes count for more; or none (none)",
      oneOf("--class-weights", ["balanced", "none"]),
    )
    .option(
      "--clip <norm>",
      "largest norm of a step's gradients; larger ones are scaled down",
      realNumber("--clip", { min: 0, aboveMin: true }),
    )
    .option(
      "--ema <decay>",
      "average the weights, keeping this share a step: 0.999; the averages are the result",
      realNumber("--ema", { min: 0, max: 1, belowMax: true }),
    )
    .option(
      "--augment <list>",
      `of training images: ${augmentationHelp()}${defaultsBy(augmentText)}`,
      parseAugment,
    )
    .option("--normalize", "take the data set's mean from the images, divide them by its deviation")
    .option("--no-normalize", "... or not")
    .option(
      "--resize <pixels>",
      `height and width the network sees${defaults("resize", "as stored")}`,
      wholeNumber("--resize", { min: 1, max: 4096 }),
    )
    .option(
      "--limit <n>",
      `the first n training images, or all${defaults("limit")}`,
      wholeNumberOrAll("--limit"),
    )
    .option(
      "--test-limit <n>",
      `test on only the first n test images, or all${defaults("testLimit")}`,
      wholeNumberOrAll("--test-limit"),
    )
    .option(
      "--slice <n>",
      "images computed together (default: as the shapes suggest)",
      wholeNumber("--slice", { min: 1 }),
    )
    .option(
      "--seed <n>",
      `decides weights, order, dropout${defaults("seed")}`,
      wholeNumber("--seed", { min: 0, max: 0xffffffff }),
    );
}

const optimizerSettings = settingsOfKinds(
  Object.fromEntries(optimizerNames.map((name) => [name, optimizers[name].settings])) as Record<
    OptimizerName,
    (typeof optimizers)[OptimizerName]["settings"]
  >,
);

/** `0, fast: 0.9`: a setting's default, by optimizer where they differ, and what presets have instead. */
function usualValues(name: string, of: SettingOwners<OptimizerName>): string {
  const [first] = [...of.values()];
  const standard =
    new Set([...of.values()].map((setting) => setting.default)).size === 1
      ? [String(first?.default)]
      : [...of].map(([optimizer, setting]) => `${optimizer}: ${setting.default}`);
  const changed = presetNames.flatMap((preset) => {
    const { optimizer } = presets[preset];
    const value = settingOf(optimizer, name);
    return value === undefined || value === of.get(optimizer.name)?.default ? [] : [`${preset}: ${value}`];
  });
  return [...standard, ...changed].join(", ");
}

/**
 * `cosine`, or `step:epochs=3,gamma=0.1`.
 *
 * @throws UsageError if there is no such schedule or setting
 */
function parseSchedule(text: string): ScheduleSettings {
  const [name = "", settings = ""] = text.split(":", 2);
  const known = scheduleNames.find((each) => each === name);
  if (known === undefined) throw noneOf("--schedule", text, scheduleNames);
  const pairs = settings === "" ? [] : settings.split(",").map((pair) => pair.split("="));
  const given = Object.fromEntries(pairs.map(([key, value]) => [key, value ? Number(value) : Number.NaN]));
  try {
    return { name: known, ...schedules[known](given as never).settings } as ScheduleSettings;
  } catch (error) {
    throw new UsageError(`--schedule: got ${JSON.stringify(text)}; ${(error as Error).message}`);
  }
}

/** `flip, shift:2 or erase:8, with commas between them, or none`. */
function augmentationHelp(): string {
  const all = augmentationNames.map((name) => {
    const [setting] = describeSettings(augmentations[name].settings);
    return setting === undefined ? name : `${name}:${setting.default}`;
  });
  return `${listed(all)}, with commas between them, or none`;
}

/**
 * `flip,shift:2`, or `none`.
 *
 * @throws UsageError if there is no such augmentation or setting
 */
function parseAugment(text: string): Recipe["augment"] {
  if (text === "none") return [];
  return text.split(",").map((part) => {
    const [name = "", value] = part.split(":", 2);
    const known = augmentationNames.find((each) => each === name);
    if (known === undefined) throw noneOf("--augment", name, augmentationNames, ", or none");
    const [setting] = describeSettings(augmentations[known].settings);
    try {
      const given = value === undefined ? {} : { [setting?.name ?? value]: Number(value) };
      return { name: known, ...augmentations[known](given as never).settings } as AugmentationSettings;
    } catch (error) {
      throw new UsageError(`--augment: got ${JSON.stringify(part)}; ${(error as Error).message}`);
    }
  });
}

/** `flip,shift:2`, or `none`: what {@link parseAugment} takes. */
function augmentText({ augment }: Recipe): string {
  const all = augment.map(({ name, ...settings }) => [name, ...Object.values(settings)].join(":"));
  return all.join(",") || "none";
}

/**
 * ` (10, fast: 3)`: what the setting is in the default preset, and in the others where that differs.
 *
 * @param unset - what null means
 */
function defaults(key: keyof Recipe, unset = "all"): string {
  return defaultsBy((preset) => String(preset[key] ?? unset));
}

function defaultsBy(textOf: (preset: Recipe) => string): string {
  const usual = textOf(presets[defaultPreset]);
  const others = presetNames
    .filter((name) => textOf(presets[name]) !== usual)
    .map((name) => `${name}: ${textOf(presets[name])}`);
  return ` (${[usual, ...others].join(", ")})`;
}

/** Images that are of no data set of the registry. */
export interface OwnData {
  /** As recipes call them. */
  readonly name: string;
  /** Of each channel, in units of 0..1; null: not known yet. */
  readonly mean: readonly number[] | null;
  readonly std: readonly number[] | null;
}

/**
 * The preset or the recipe of a file, changed by the options that were given.
 *
 * @param ofWeights - what the weights that training begins from were trained with: comes before the preset's
 * @param own - what is trained on, if no data set of the registry
 * @throws DataError if there is no such file or it holds no recipe
 */
export function recipeOf(options: RecipeOptions, ofWeights: Partial<Recipe> = {}, own?: OwnData): Recipe {
  const { mean, std } = ofWeights;
  const begun =
    options.recipe === undefined
      ? presets[options.preset]
      : readRecipe(options.recipe, own !== undefined || options.dataset !== undefined);
  const basis: Recipe = {
    ...basisOf(options, { ...begun, ...ofWeights }, own),
    ...(mean !== undefined && std !== undefined && { mean, std }),
  };
  const recipe = { ...basis, ...givenSettings(options, basis, own) };
  return own === undefined ? recipe : { ...recipe, dataset: own.name };
}

/** @param isForOtherData - whether its data set is replaced by another one anyway */
function readRecipe(from: string | RecipeSource, isForOtherData: boolean): Recipe {
  const { origin, value } = typeof from === "string" ? readFile(from) : from;
  const { recipe, pictures } = (value ?? {}) as { readonly recipe?: unknown; readonly pictures?: unknown };
  if (pictures !== undefined && !isForOtherData) {
    throw new DataError(
      `--recipe: ${origin}: is of a run on pictures of somebody's own, which a recipe does not hold. ` +
        "Name yours with --dataset.",
    );
  }
  try {
    return parseRecipe(completed(recipe ?? value), isForOtherData ? "own-data" : "known");
  } catch (error) {
    throw new DataError(`--recipe: ${origin}: ${(error as Error).message}`);
  }
}

/** @param path - of a recipe in JSON or YAML, alone or as a run's `config.json` has it */
function readFile(path: string): RecipeSource {
  try {
    return { origin: path, value: readJsonOrYaml(path) };
  } catch (error) {
    throw new DataError(
      `--recipe: ${path} cannot be read: ${(error as Error).message}. ` +
        "Give a file in JSON, such as a run's config.json, or in YAML, with the ending .yaml.",
    );
  }
}

/** What a recipe leaves out is the tutorial's; epochs, batch, rate and size those of its network. */
function completed(recipe: unknown): unknown {
  // One of the first format has the optimizer under another name, and is whole.
  const isRecipe = typeof recipe === "object" && recipe !== null && !Array.isArray(recipe);
  if (!isRecipe || "momentum" in recipe) return recipe;
  const { net } = recipe as { readonly net?: ModelName };
  return {
    ...basisOf({ preset: "tutorial", ...(net !== undefined && { net }) }, presets.tutorial),
    ...recipe,
  };
}

/**
 * A preset for another network or data set: with the recipe that the one suits, and with the other's statistics and the
 * augmentations that it bears.
 */
function basisOf({ net, dataset, preset: name }: RecipeOptions, preset: Recipe, own?: OwnData): Recipe {
  const isOtherNet = net !== undefined && net !== preset.net;
  const { mean, std } = own ?? datasetNamed(dataset ?? preset.dataset);
  const isOther = own === undefined && dataset !== undefined && dataset !== preset.dataset;
  return {
    ...preset,
    ...(isOtherNet && { net, ...suitedTo(net, presets[name] === presets.pictures) }),
    ...(preset.mean !== null && { mean, std }),
    ...(isOther && isWriting(dataset) && { augment: forWriting(preset.augment) }),
  };
}

/** Whether images are of digits or letters, which mirrored are others or none. */
function isWriting(dataset: string): boolean {
  return datasetNamed(dataset).preparation === "digit";
}

/** Moved by two pixels in place of mirrored, where they are not moved already. */
function forWriting(augment: readonly AugmentationSettings[]): AugmentationSettings[] {
  const others = augment.filter(({ name }) => name !== "flip");
  const isMoved = others.some(({ name }) => name === "shift");
  return others.length === augment.length || isMoved ? others : [{ name: "shift", pixels: 2 }, ...others];
}

/** @param fewPictures - keeps to the preset's batches, rate and epochs: the network's own are for tens of thousands */
function suitedTo(net: string, fewPictures: boolean): Partial<Recipe> {
  const { recipe } = modelNamed(net);
  if (!fewPictures) return { netOptions: {}, ...recipe };
  const { robust } = presets;
  return { netOptions: net === robust.net ? robust.netOptions : {}, resize: recipe.resize };
}

/**
 * The settings that options of their own name.
 *
 * @param base - the recipe that they change
 * @param own - what is trained on, if no data set of the registry
 * @throws UsageError if the optimizer or the network has no such setting
 */
export function givenSettings(options: RecipeOptions, base: Recipe, own?: OwnData): Partial<Recipe> {
  const orNull = (limit: number | "all" | undefined) => (limit === "all" ? null : limit);
  const settings = { ...options, limit: orNull(options.limit), testLimit: orNull(options.testLimit) };
  const names = Object.keys(presets[defaultPreset]) as (keyof Recipe)[];
  const later = ["optimizer", "classWeights"] as const;
  const given = names.filter((name) => !later.some((each) => each === name) && settings[name] !== undefined);
  const optimizer = givenOptimizer(options, base.optimizer);
  const netOptions = givenNetOptions(options, (options.net ?? base.net) as ModelName, base.netOptions);
  return {
    ...Object.fromEntries(given.map((name) => [name, settings[name]])),
    ...(optimizer && { optimizer }),
    ...(netOptions && { netOptions }),
    ...givenStatistics(options, base, own),
  };
}

/** What `--normalize` or `--no-normalize` says; nothing without them. */
function givenStatistics(
  { normalize, dataset }: RecipeOptions,
  base: Recipe,
  own: OwnData | undefined,
): Partial<Recipe> {
  if (normalize === undefined) return {};
  if (!normalize) return { mean: null, std: null };
  const { mean, std } = own ?? datasetNamed(dataset ?? base.dataset);
  return { mean, std };
}

/** Undefined if no option names an optimizer or a setting of one. */
function givenOptimizer(options: RecipeOptions, base: OptimizerSettings): OptimizerSettings | undefined {
  const name = options.optimizer ?? base.name;
  const settings = givenSettingsOf(options, optimizerSettings, name, "setting");
  if (options.optimizer === undefined && Object.keys(settings).length === 0) return undefined;
  const { name: begun, ...before } = base;
  const whole = settingsTogether(name, { ...(name === begun && before), ...settings });
  return { name, ...whole } as OptimizerSettings;
}

/**
 * The settings of an optimizer, those left out with their defaults.
 *
 * @throws UsageError if they do not go together
 */
function settingsTogether(name: OptimizerName, given: object): object {
  try {
    return optimizers[name](given as never).settings;
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    const message = error.message.replace(/^optimizer \w+ setting (\w+)/, (_, setting) =>
      optionName(setting),
    );
    throw new UsageError(message.replace(/ The settings are .*/, ""));
  }
}

/** A setting of an optimizer by its name; undefined if there is none. */
export function settingOf(optimizer: object, name: string): unknown {
  return (optimizer as Readonly<Record<string, unknown>>)[name];
}
