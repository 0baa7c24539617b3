import type { Command } from "commander";
import { datasetNames, modelNames, type PresetName, presets, type Recipe } from "nin-net";
import { listed } from "./model-options.ts";
import { datasetName, oneOf, realNumber, wholeNumber, wholeNumberOrAll } from "./values.ts";

/** The recipe's settings as options; what is left out comes from the preset. */
export interface RecipeOptions extends Partial<Omit<Recipe, "limit">> {
  readonly preset: PresetName;
  readonly limit?: number | "all";
}

const presetNames = Object.keys(presets) as PresetName[];
const defaultPreset: PresetName = "tutorial";

/** `--preset` and an option for each setting of the recipe. */
export function addRecipeOptions(command: Command): Command {
  return command
    .option(
      "--preset <name>",
      "tutorial or quick; the options below change it",
      oneOf("--preset", presetNames),
      defaultPreset,
    )
    .option("--net <name>", `${listed(modelNames)}${defaults("net")}`, oneOf("--net", modelNames))
    .option("--dataset <name>", `${listed(datasetNames)}${defaults("dataset")}`, datasetName("--dataset"))
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
      "--momentum <x>",
      `of gradient descent; 0 is none${defaults("momentum")}`,
      realNumber("--momentum", { min: 0, max: 1, belowMax: true }),
    )
    .option(
      "--resize <pixels>",
      `height and width the network sees${defaults("resize")}`,
      wholeNumber("--resize", { min: 1, max: 4096 }),
    )
    .option(
      "--limit <n>",
      `the first n training images, or all${defaults("limit")}`,
      wholeNumberOrAll("--limit"),
    )
    .option(
      "--seed <n>",
      `decides weights, order, dropout${defaults("seed")}`,
      wholeNumber("--seed", { min: 0, max: 0xffffffff }),
    );
}

/** ` (10, quick: 1)`: what the setting is in the default preset, and in the others where that differs. */
function defaults(key: keyof Recipe): string {
  const text = (name: PresetName) => String(presets[name][key] ?? "all");
  const others = presetNames
    .filter((name) => name !== defaultPreset && text(name) !== text(defaultPreset))
    .map((name) => `${name}: ${text(name)}`);
  return ` (${[text(defaultPreset), ...others].join(", ")})`;
}

/** The preset, changed by the options that were given. */
export function recipeOf(options: RecipeOptions): Recipe {
  return { ...presets[options.preset], ...givenSettings(options) };
}

/** The settings that options of their own name, whatever the preset. */
export function givenSettings(options: RecipeOptions): Partial<Recipe> {
  const settings = { ...options, limit: options.limit === "all" ? null : options.limit };
  const names = Object.keys(presets[defaultPreset]) as (keyof Recipe)[];
  const given = names.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, settings[name]]));
}
