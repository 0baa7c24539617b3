/** Options of networks as options of the command: `--norm batch`, `--no-last-relu`, `--widths 48,96,192`. */
import type { Command } from "commander";
import { createModel, type ModelName, modelNames, models, presets, type Recipe } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import {
  addSettingOption,
  givenSettingsOf,
  type SettingOwners,
  settingsOfKinds,
} from "./settings-options.ts";

const netSettings = settingsOfKinds(
  Object.fromEntries(modelNames.map((name) => [name, models[name].options])) as Record<
    ModelName,
    (typeof models)[ModelName]["options"]
  >,
);

/** An option for each setting that a network has. */
export function addNetOptions(command: Command): Command {
  for (const [name, owners] of netSettings.byName)
    addSettingOption(command, owners, modelNames.length, usual(name, owners));
  return command;
}

/** `none, nin-small: batch, robust: batch`: a setting's default, by network where they differ, and by preset. */
function usual(name: string, owners: SettingOwners<ModelName>): string {
  const [first, ...others] = [...owners].map(([model, setting]) => [model, shown(setting.default)] as const);
  const different = others.filter(([, value]) => value !== first![1]);
  const changed = Object.entries<Recipe>(presets).filter(([, { netOptions }]) => name in netOptions);
  const given = changed.map(([preset, { netOptions }]) => [preset, shown(netOptions[name])] as const);
  return [first![1], ...[...different, ...given].map(([owner, value]) => `${owner}: ${value}`)].join(", ");
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.join(",") : String(value);
}

/**
 * The options of the network that the command line names, on top of `base`.
 *
 * @returns undefined if it names none
 * @throws UsageError if the network has no such option, or cannot be made with it
 */
export function givenNetOptions(
  given: object,
  net: ModelName,
  base: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const changed = givenSettingsOf(given, netSettings, net, "option");
  if (Object.keys(changed).length === 0) return undefined;
  const options = { ...base, ...changed };
  try {
    createModel(net, { channels: 1, classes: 2 }, options);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return options;
}
