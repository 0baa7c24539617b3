/** A list of runs in a file: for each entry options of `nin train`, with one value or several. */
import { createHash } from "node:crypto";
import { DataError, NinError } from "nin-net";
import { readJsonOrYaml } from "../options/json-or-yaml.ts";
import { didYouMean } from "../terminal/similar.ts";
import type { ValueLists } from "./grid.ts";
import { type OptionValue, optionValues } from "./option-values.ts";
import { type RunOption, runOptions } from "./run-option.ts";

/**
 * @returns the values of the options of each entry
 * @throws DataError if it cannot be read or an entry has an unknown option or a value that the option does not accept
 */
export function readList(path: string): ValueLists[] {
  let entries: unknown;
  try {
    entries = readJsonOrYaml(path);
  } catch (error) {
    throw new DataError(
      `${path} cannot be read: ${(error as Error).message}. Give a list in JSON, or in YAML with the ending .yaml.`,
    );
  }
  if (!Array.isArray(entries)) {
    throw new DataError(
      `${path}: got ${kindOf(entries)}, expected a list of runs, each with options of nin train, such as [{"lr": 0.1}, {"lr": 0.2}].`,
    );
  }
  if (entries.length === 0) throw new DataError(`${path}: got an empty list, expected one run or more.`);
  return entries.map((entry, i) => {
    try {
      return entryValues(entry);
    } catch (error) {
      if (!(error instanceof NinError)) throw error;
      throw new DataError(`${path}: entry ${i + 1}: ${error.message}`);
    }
  });
}

function entryValues(entry: unknown): ValueLists {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw new DataError(`got ${kindOf(entry)}, expected options of nin train, such as {"lr": 0.1}.`);
  }
  const lists = new Map<RunOption, readonly OptionValue[]>();
  for (const [key, value] of Object.entries(entry)) {
    const option = runOptions.find(({ name, flag }) => key === name || `--${key}` === flag);
    if (option === undefined) throw unknownKey(key);
    if (option.role === "condition") {
      throw new DataError(`${key}: is the same for all runs. Give ${option.flag} on the command line.`);
    }
    if (lists.has(option)) throw new DataError(`${key}: is there twice, expected once.`);
    lists.set(option, valuesOf(option, key, value));
  }
  return lists;
}

function valuesOf(option: RunOption, key: string, value: unknown): OptionValue[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new DataError(`${key}: got an empty list, expected one value or more.`);
  if (option.name === "recipe" && values.every(isObject))
    return values.map((each) => recipeValue(option, each));
  return optionValues(
    option,
    values.map((each) => textOf(option, key, each)),
  );
}

/** A recipe that stands in the list itself. */
function recipeValue(option: RunOption, value: object): OptionValue {
  const digest = createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
  return { option, text: digest, parsed: { origin: "a recipe in the list", value } };
}

function textOf(option: RunOption, key: string, value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return String(value);
    case "boolean":
      return value ? "yes" : "no";
    default:
      // A list in a list is one value, such as widths.
      if (Array.isArray(value) && value.every((each) => typeof each === "number")) return value.join(",");
      throw new DataError(
        `${key}: got ${kindOf(value)}, expected a value of ${option.flag}, as on the command line, or a list of them. ` +
          "A whole recipe, as in config.json, has its place under recipe.",
      );
  }
}

function unknownKey(key: string): DataError {
  const accepted = runOptions.filter(({ role }) => role === "setting").map(({ name }) => name);
  const suggestion = didYouMean(key, accepted);
  return new DataError(
    `${key} is not an option of the runs of a sweep.${suggestion || ` Accepted are those of nin train: ${accepted.join(", ")}.`}`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : JSON.stringify(value);
}
