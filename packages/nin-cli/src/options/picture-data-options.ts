/** Options of training on pictures of one's own. */
import type { Command } from "commander";
import { UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";
import { type Growth, growthNames } from "./growth.ts";
import { oneOf, optionName, realNumber, type ValueParser } from "./values.ts";

export interface PictureDataOptions {
  /** Of every picture, in pixels. */
  readonly size?: readonly [height: number, width: number];
  readonly grow?: Growth;
  readonly channels?: "1" | "3";
  readonly testShare?: number;
  readonly strict?: boolean;
}

const names = [
  "size",
  "grow",
  "channels",
  "testShare",
  "strict",
] as const satisfies readonly (keyof PictureDataOptions)[];
const mostPixels = 4096;

/** `--size`, `--grow`, `--channels`, `--test-share` and `--strict`. */
export function addPictureDataOptions(command: Command): Command {
  return command
    .option(
      "--size <pixels>",
      "of your own pictures, 64 or 48x64, height first (default: as the network suits)",
      parseSize("--size"),
    )
    .option(
      "--grow <how>",
      `${listed(growthNames)}: how they get that shape (default: crop)`,
      oneOf("--grow", growthNames),
    )
    .option(
      "--channels <n>",
      "1 grey, 3 colour (default: 1 if all are grey)",
      oneOf("--channels", ["1", "3"]),
    )
    .option(
      "--test-share <x>",
      "kept to test on, if folders do not say (default: 0.2)",
      realNumber("--test-share", { min: 0, max: 1, aboveMin: true, belowMax: true }),
    )
    .option("--strict", "refuse pictures that are otherwise skipped with a note");
}

/** The options of pictures that were given, with their values for messages. */
export function givenPictureOptions(
  options: PictureDataOptions,
): { readonly option: string; readonly text: string }[] {
  return names
    .filter((name) => options[name] !== undefined)
    .map((name) => ({ option: optionName(name), text: textOf(options[name]!) }));
}

function textOf(value: NonNullable<PictureDataOptions[keyof PictureDataOptions]>): string {
  if (value === true) return "it"; // a switch
  return typeof value === "object" ? [...new Set(value)].join("x") : String(value);
}

/** @throws UsageError by the parser, unless the text is one or two whole numbers */
function parseSize(option: string): ValueParser<readonly [height: number, width: number]> {
  return (text) => {
    const [, height, width = height] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text) ?? [];
    const size = [Number(height), Number(width)] as const;
    if (size.every((length) => length >= 1 && length <= mostPixels)) return size;
    throw new UsageError(
      `${option}: got ${JSON.stringify(text)}, expected pixels from 1 to ${mostPixels}, as 64 or, height first, 48x64.`,
    );
  };
}
