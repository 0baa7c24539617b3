/** The runs of a sweep: every combination of the values that its options have. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { UsageError } from "../terminal/exit-status.ts";
import { grouped } from "../terminal/format.ts";
import { mostRuns, type OptionValue } from "./option-values.ts";
import { type RunOption, runOptions } from "./run-option.ts";

/** The values of options; every combination of them is a run. */
export type ValueLists = ReadonlyMap<RunOption, readonly OptionValue[]>;

/** What one run is begun with: a value of each option that is named, in the order of {@link runOptions}. */
export type Configuration = readonly OptionValue[];

/** A run of a sweep, and what it is called. */
export interface NamedConfiguration {
  /** `lr=0.05,seed=1`: what varies; fit for a folder. */
  readonly name: string;
  /** The name without the seed: of the runs that are pooled; empty where only seeds vary. */
  readonly group: string;
  readonly values: Configuration;
}

/**
 * Every combination of the values of each grid, the last option varying fastest.
 *
 * @param grids - each on its own
 * @param common - values that each of them has too
 * @throws UsageError if an option is in both, or there are too many
 */
export function configurationsOf(grids: readonly ValueLists[], common: ValueLists): Configuration[] {
  const whole = grids.map((grid, i) => {
    const twice = [...grid.keys()].find((option) => common.has(option));
    if (twice === undefined) return new Map([...common, ...grid]);
    throw new UsageError(
      `${twice.flag}: got it on the command line and in entry ${i + 1} of the list, expected one of them.`,
    );
  });
  const count = whole.reduce(
    (sum, grid) => sum + [...grid.values()].reduce((product, values) => product * values.length, 1),
    0,
  );
  if (count > mostRuns) {
    throw new UsageError(
      `nin sweep: got ${grouped(count)} runs, expected ${grouped(mostRuns)} at most. Give fewer values.`,
    );
  }
  return whole.flatMap((grid) =>
    runOptions
      .flatMap((option) => (grid.has(option) ? [grid.get(option)!] : []))
      .reduce<Configuration[]>(
        (begun, values) => begun.flatMap((before) => values.map((value) => [...before, value])),
        [[]],
      ),
  );
}

/** Names each configuration by the options whose values are not the same in all. */
export function named(configurations: readonly Configuration[]): NamedConfiguration[] {
  const varying = varyingOptions(configurations.map(textsOf));
  const names = folderNames(configurations, varying);
  const withoutSeed = varying.filter(({ name }) => name !== "seed");
  return configurations.map((values, i) => ({
    name: names[i]!,
    group: nameBy(values, withoutSeed),
    values,
  }));
}

/** The texts of a configuration's values, by option. */
export function textsOf(configuration: Configuration): Readonly<Record<string, string>> {
  return Object.fromEntries(configuration.map(({ option, text }) => [option.name, text]));
}

/** The options whose values are not the same in all of these; one that is not named is another value. */
export function varyingOptions(all: readonly Readonly<Record<string, string>>[]): RunOption[] {
  return runOptions.filter(({ name }) => new Set(all.map((texts) => texts[name])).size > 1);
}

/** Names that tell configurations apart, fit for folders. */
export function folderNames(
  configurations: readonly Configuration[],
  varying: readonly RunOption[],
): string[] {
  const names = configurations.map((each) => nameBy(each, varying) || "as-usual");
  // Some disks do not tell large from small letters.
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return names.map((name, i) => {
    const isFit = name.length <= longestName && counts.get(name.toLowerCase()) === 1;
    return isFit ? name : `${name.slice(0, longestName)}-${digestOf(configurations[i]!)}`;
  });
}

function nameBy(configuration: Configuration, options: readonly RunOption[]): string {
  return configuration
    .filter(({ option }) => options.includes(option))
    .map(({ option, text }) => `${option.flag.slice(2)}=${shortText(option, text)}`)
    .join(",");
}

const longestName = 120;

/** What any file system takes. */
function shortText({ name }: RunOption, text: string): string {
  const plain =
    name === "recipe" || name === "from" ? basename(text).replace(/\.(?:json|ya?ml)$/i, "") : text;
  return plain.replaceAll(/[^\w.+-]+/g, "-");
}

function digestOf(configuration: Configuration): string {
  return createHash("sha256")
    .update(JSON.stringify(textsOf(configuration)))
    .digest("hex")
    .slice(0, 8);
}
