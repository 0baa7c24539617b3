/** Settings that kinds of a registry have (optimizers, networks), as options of the command. */
import type { Command } from "commander";
import { describeSettings, type SettingDescription } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";
import { oneOf, optionName, realNumber, realNumbers, wholeNumber } from "./values.ts";

type Schema = Parameters<typeof describeSettings>[0];

/** How each kind that has a setting describes it. */
export type SettingOwners<Kind extends string> = ReadonlyMap<Kind, SettingDescription>;

/** The settings of the kinds of a registry. */
export interface KindSettings<Kind extends string> {
  readonly kinds: Readonly<Record<Kind, Schema>>;
  /** Every setting that one of the kinds has. */
  readonly byName: ReadonlyMap<string, SettingOwners<Kind>>;
}

export function settingsOfKinds<Kind extends string>(
  kinds: Readonly<Record<Kind, Schema>>,
): KindSettings<Kind> {
  const found = new Map<string, Map<Kind, SettingDescription>>();
  for (const [kind, schema] of Object.entries(kinds) as [Kind, Schema][]) {
    for (const setting of describeSettings(schema)) {
      const owners = found.get(setting.name) ?? new Map<Kind, SettingDescription>();
      found.set(setting.name, owners.set(kind, setting));
    }
  }
  return { kinds, byName: found };
}

/**
 * Adds a setting's option; one that not every kind has begins with those that have it.
 *
 * @param kinds - how many there are
 * @param usual - what it is where it is not given
 */
export function addSettingOption<Kind extends string>(
  command: Command,
  owners: SettingOwners<Kind>,
  kinds: number,
  usual: string,
): void {
  const [setting] = [...owners.values()] as [SettingDescription];
  const option = optionName(setting.name);
  const of = owners.size < kinds ? `${[...owners.keys()].join(", ")}: ` : "";
  const text = `${of}${setting.description}`;
  switch (setting.kind) {
    case "switch":
      command.option(option, setting.default ? `${text} (${usual})` : text);
      // What is on can be turned off.
      if (setting.default) command.option(option.replace("--", "--no-"), "... or none");
      break;
    case "choice":
      command.option(
        `${option} <name>`,
        `${text} (${usual}): ${listed(setting.choices)}`,
        oneOf(option, setting.choices),
      );
      break;
    case "numbers":
      command.option(`${option} <list>`, `${text} (${usual})`, realNumbers(option, {}));
      break;
    case "number":
      addNumber(command, setting, option, `${text} (${usual})`);
      break;
    default:
      setting satisfies never;
  }
}

function addNumber(
  command: Command,
  setting: SettingDescription & { readonly kind: "number" },
  option: string,
  text: string,
): void {
  const { whole, minimum: min, maximum: max } = setting;
  if (whole && min !== undefined) {
    const range = { min, ...(max !== undefined && { max }) };
    command.option(`${option} <n>`, text, wholeNumber(option, range));
  } else {
    command.option(`${option} <x>`, text, realNumber(option, rangeOf(setting)));
  }
}

/** What an option may be, as its parser takes it. */
function rangeOf(setting: SettingDescription & { readonly kind: "number" }) {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = setting;
  const min = exclusiveMinimum ?? minimum;
  const max = exclusiveMaximum ?? maximum;
  return {
    ...(min !== undefined && { min, aboveMin: exclusiveMinimum !== undefined }),
    ...(max !== undefined && { max, belowMax: exclusiveMaximum !== undefined }),
  };
}

/**
 * The settings that the command line names.
 *
 * @param what - a setting is called, for messages
 * @throws UsageError if the kind has no such setting
 */
export function givenSettingsOf<Kind extends string>(
  options: object,
  { kinds, byName }: KindSettings<Kind>,
  kind: Kind,
  what: "setting" | "option",
): Record<string, unknown> {
  const values = options as Readonly<Record<string, unknown>>;
  const given = [...byName].filter(([name]) => values[name] !== undefined);
  const foreign = given.find(([, owners]) => !owners.has(kind));
  if (foreign !== undefined) {
    const known = describeSettings(kinds[kind]).map(({ name }) => optionName(name));
    const has = known.length === 0 ? "none" : known.join(", ");
    throw new UsageError(
      `${optionName(foreign[0])}: ${kind} has no such ${what}. Leave it out; ${kind} has ${has}.`,
    );
  }
  return Object.fromEntries(given.map(([name]) => [name, values[name]]));
}
