import { UsageError } from "../terminal/exit-status.ts";
import type { RunOption } from "./run-option.ts";

/** More are a mistake rather than a sweep. */
export const mostRuns = 10_000;

/** A value of an option, for one run or more. */
export interface OptionValue {
  readonly option: RunOption;
  /** As `nin train` takes it, numbers in their shortest form. */
  readonly text: string;
  /** As the options of a call have it. */
  readonly parsed: unknown;
}

/**
 * Several values of an option: `0.05,0.1`, of whole numbers also `1-5,8`. What the option accepts as it stands is one
 * value, such as `--widths 8,16,16`: several of these are several texts.
 *
 * @throws UsageError if the option does not accept a value, or one is there twice
 */
export function optionValues(option: RunOption, texts: readonly string[]): OptionValue[] {
  const values = texts.flatMap((text) => valuesIn(option, text));
  const twice = values.find(({ text }, i) => values.findIndex((other) => other.text === text) < i);
  if (twice === undefined) return values;
  throw new UsageError(`${option.flag}: got ${twice.text} twice, expected each value once.`);
}

function valuesIn(option: RunOption, text: string): OptionValue[] {
  const whole = attempt(() => oneValue(option, text));
  if (!(whole instanceof UsageError)) return [whole];
  const parts = text
    .split(",")
    .flatMap((part) => (option.isWhole ? rangeIn(option, part.trim()) : part.trim()));
  // The text itself is what the option cannot take.
  if (parts.length === 1 && parts[0] === text.trim()) throw whole;
  return parts.map((part) => oneValue(option, part));
}

/** `1-5` -> 1, 2, 3, 4, 5. */
function rangeIn({ flag }: RunOption, text: string): string[] {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (from === undefined) return [text];
  const count = Number(to) - Number(from) + 1;
  if (count < 1) {
    throw new UsageError(`${flag}: got ${JSON.stringify(text)}, expected the smaller number first.`);
  }
  if (count > mostRuns) {
    throw new UsageError(
      `${flag}: got ${JSON.stringify(text)}, which is ${count.toLocaleString("en-US")} values, expected ${mostRuns.toLocaleString("en-US")} at most.`,
    );
  }
  return Array.from({ length: count }, (_, i) => String(Number(from) + i));
}

function oneValue(option: RunOption, text: string): OptionValue {
  const parsed = option.parse(text);
  const isPlain = typeof parsed === "number" || typeof parsed === "string";
  return { option, text: isPlain ? String(parsed) : text, parsed };
}

function attempt<T>(work: () => T): T | UsageError {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
