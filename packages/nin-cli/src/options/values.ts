import { type DatasetDefinition, type DatasetName, datasetNames, datasets } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";
import { didYouMean } from "../terminal/similar.ts";

/** Turns the text of an option into its value. */
export type ValueParser<T> = (text: string) => T;

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** `min` itself is not accepted. */
  readonly aboveMin?: boolean;
  /** `max` itself is not accepted. */
  readonly belowMax?: boolean;
}

/** @throws UsageError by the parser, unless the text is a whole number from `min` to `max` */
export function wholeNumber(option: string, range: { min: number; max?: number }): ValueParser<number> {
  const { min, max = Number.MAX_SAFE_INTEGER } = range;
  const want =
    range.max === undefined ? `a whole number from ${min} up` : `a whole number from ${min} to ${max}`;
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw unexpected(option, text, want);
    return value;
  };
}

/** @throws UsageError by the parser, unless the text is a whole number from 1 up, or `all` */
export function wholeNumberOrAll(option: string): ValueParser<number | "all"> {
  return (text) => {
    if (text === "all") return text;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
      throw unexpected(option, text, "a whole number from 1 up, or all");
    }
    return value;
  };
}

/** @throws UsageError by the parser, unless the text is a number in the range */
export function realNumber(option: string, range: Range): ValueParser<number> {
  const { min = -Infinity, max = Infinity, aboveMin = false, belowMax = false } = range;
  const limits = [
    range.min !== undefined && `${aboveMin ? "above" : "of at least"} ${min}`,
    range.max !== undefined && `${belowMax ? "below" : "of at most"} ${max}`,
  ].filter((limit) => limit !== false);
  const want = ["a number", ...(limits.length > 0 ? [limits.join(" and ")] : [])].join(" ");
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    const tooLow = aboveMin ? value <= min : value < min;
    const tooHigh = belowMax ? value >= max : value > max;
    if (!Number.isFinite(value) || tooLow || tooHigh) throw unexpected(option, text, want);
    return value;
  };
}

/** @throws UsageError by the parser, unless the text is numbers in the range, with commas between them */
export function realNumbers(option: string, range: Range): ValueParser<number[]> {
  const parse = realNumber(option, range);
  return (text) => text.split(",").map(parse);
}

/** @throws UsageError by the parser, unless the text is one of the choices */
export function oneOf<const T extends string>(option: string, choices: readonly T[]): ValueParser<T> {
  return (text) => {
    const choice = choices.find((name) => name === text);
    if (choice === undefined) throw noneOf(option, text, choices);
    return choice;
  };
}

/**
 * A value that is none of the choices; names the nearest.
 *
 * @param otherwise - what else would have been accepted
 */
export function noneOf(option: string, text: string, choices: readonly string[], otherwise = ""): UsageError {
  const { message } = unexpected(option, text, `${listed(choices)}${otherwise}`);
  return new UsageError(`${message}${didYouMean(text, choices)}`);
}

/** @throws UsageError by the parser, unless the text is different whole numbers in the range, with commas between them */
export function wholeNumbers(option: string, range: { min: number; max: number }): ValueParser<number[]> {
  const parse = wholeNumber(option, range);
  return (text) => distinct(option, text.split(",").map(parse));
}

/** @throws UsageError by the parser, unless the text is different ones of the choices, with commas between them */
export function distinctOf<const T extends string>(option: string, choices: readonly T[]): ValueParser<T[]> {
  const parse = oneOf(option, choices);
  return (text) => distinct(option, text.split(",").map(parse));
}

function distinct<T>(option: string, values: T[]): T[] {
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (twice === undefined) return values;
  throw new UsageError(`${option}: got ${twice} twice, expected each once.`);
}

/** @throws UsageError by the parser, if the text is empty, as an unset shell variable leaves it */
export function folder(option: string): ValueParser<string> {
  return (text) => {
    if (text.trim() === "") throw unexpected(option, text, "the path of a folder");
    return text;
  };
}

/** @throws UsageError by the parser, if the text is empty */
export function filePath(option: string): ValueParser<string> {
  return (text) => {
    if (text.trim() === "") throw unexpected(option, text, "the path of a file");
    return text;
  };
}

function unexpected(option: string, text: string, want: string): UsageError {
  return new UsageError(`${option}: got ${JSON.stringify(text)}, expected ${want}.`);
}

/** @throws UsageError by the parser, unless the text is the name or an alias of one of the data sets */
export function datasetName(
  option: string,
  among: readonly DatasetName[] = datasetNames,
): ValueParser<DatasetName> {
  const byName = oneOf(option, among);
  return (text) => byName(among.find((name) => aliasesOf(name).includes(text)) ?? text);
}

function aliasesOf(name: DatasetName): readonly string[] {
  const { aliases = [] }: DatasetDefinition = datasets[name];
  return aliases;
}

/** `batchSize` -> `--batch-size`. */
export function optionName(setting: string): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
