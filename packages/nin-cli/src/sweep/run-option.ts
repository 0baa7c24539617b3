/** The options of `nin train` as those of the runs of a sweep. */
import { Command, Option } from "commander";
import { addTrainOptions, type TrainOptions } from "../options/train-options.ts";
import { oneOf } from "../options/values.ts";

/** An option of `nin train` that runs of a sweep have values of. */
export interface RunOption {
  /** As the options of a call have it. */
  readonly name: string;
  /** `--batch-size`. */
  readonly flag: string;
  /**
   * `setting`: each run may have another value. `condition`: where the data are and how is computed; the same for all
   * runs, and free to be another when a run goes on.
   */
  readonly role: "setting" | "condition";
  /** Whether its values are whole numbers, so that 1-5 stands for five of them. */
  readonly isWhole: boolean;
  /** @throws UsageError if the option does not accept the text */
  readonly parse: (text: string) => unknown;
  /** The words of a call of `nin train` that give it this value. */
  readonly wordsOf: (text: string) => readonly string[];
}

/** The sweep's own, or without a meaning for several runs. */
const notOfRuns: readonly string[] = ["out", "resume", "findLr", "rankTimeout", "json", "quiet"];
/** What does not change what a run comes to. */
const conditions: readonly string[] = [
  "dataDir",
  "verify",
  "threads",
  "simd",
  "checkpointEvery",
  "tensorboard",
];

const originals = addTrainOptions(new Command("train")).options.filter(
  (option) => !notOfRuns.includes(nameOf(option)),
);

/** In the order in which `nin train` has them. */
export const runOptions: readonly RunOption[] = [...new Set(originals.map(nameOf))].map((name) => {
  const forms = originals.filter((option) => nameOf(option) === name);
  const [first] = forms as [Option];
  const common = {
    name,
    flag: first.long!.replace(/^--no-/, "--"),
    role: conditions.includes(name) ? "condition" : "setting",
    isWhole: first.flags.endsWith("<n>"),
  } as const;
  if (!isSwitch(first)) {
    const parse = (text: string): unknown => first.parseArg!(text, undefined);
    return { ...common, parse, wordsOf: (text) => [first.long!, text] };
  }
  const parse = oneOf(common.flag, ["yes", "no"]);
  return {
    ...common,
    parse: (text) => parse(text) === "yes",
    wordsOf: (text) => forms.filter((form) => form.negate === (text === "no")).map(({ long }) => long!),
  };
});

/** What the options are where nobody names them. */
export const usualOptions: Partial<TrainOptions> = Object.fromEntries(
  originals.flatMap((option) => {
    const isNegativeAlone =
      option.negate && originals.every((other) => other.negate || nameOf(other) !== nameOf(option));
    const usual: unknown = isNegativeAlone ? true : option.defaultValue;
    return usual === undefined ? [] : [[nameOf(option), usual]];
  }),
);

/**
 * Adds the options to a command, each with one value or several; {@link givenTexts} reads them.
 *
 * @param heading - above them in the help
 */
export function addRunOptions(command: Command, heading: string): Command {
  for (const original of originals) {
    const { flags, description, defaultValue, defaultValueDescription, negate } = original;
    const usual = defaultValue === undefined ? "" : ` (${defaultValueDescription ?? defaultValue})`;
    const alias = nameOf(original) === "seed" ? "--seeds, " : "";
    const takesList = isSwitch(original) && !negate ? " [list]" : "";
    const option = new Option(`${alias}${flags}${takesList}`, `${description}${usual}`)
      .helpGroup(heading)
      .argParser((text: string, before: unknown) => [...(Array.isArray(before) ? before : []), text]);
    command.addOption(isSwitch(original) ? option.preset(negate ? "no" : "yes") : option);
  }
  return command;
}

/** What a call names, as it is written: the texts of each option, one for each time that it is there. */
export function givenTexts(options: object): ReadonlyMap<RunOption, readonly string[]> {
  const values = options as Readonly<Record<string, unknown>>;
  return new Map(
    runOptions.flatMap((option) => {
      const texts = values[option.name];
      return Array.isArray(texts) ? [[option, texts as string[]] as const] : [];
    }),
  );
}

function nameOf(option: Option): string {
  return option.attributeName();
}

function isSwitch(option: Option): boolean {
  return option.negate || option.isBoolean();
}
