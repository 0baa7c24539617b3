/** Options of networks as options of the command: `--norm batch`, `--no-last-relu`, `--widths 48,96,192`. */
import type { Command } from "commander";
import { createModel, describeSettings, type ModelName, models, type SettingDescription } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { listed, numbers, oneOf, optionName, realNumber } from "./values.ts";

/** A setting and the networks that have it. */
interface NetSetting {
  readonly of: ReadonlyMap<ModelName, SettingDescription>;
}

const entries = Object.entries(models) as [ModelName, (typeof models)[ModelName]][];

/** Every option that a network of the registry has, by name. */
function netSettings(): ReadonlyMap<string, NetSetting> {
  const found = new Map<string, { of: Map<ModelName, SettingDescription> }>();
  for (const [model, { options }] of entries) {
    for (const setting of describeSettings(options)) {
      const known = found.get(setting.name) ?? { of: new Map() };
      known.of.set(model, setting);
      found.set(setting.name, known);
    }
  }
  return found;
}

/** An option for each setting that a network has. */
export function addNetOptions(command: Command): Command {
  for (const [name, { of }] of netSettings()) {
    const [setting] = [...of.values()] as [SettingDescription];
    const option = optionName(name);
    const owners = of.size < entries.length ? `${[...of.keys()].join(", ")}: ` : "";
    const text = `${owners}${setting.description} (${usual(of)})`;
    switch (setting.kind) {
      case "switch":
        command.option(option, text).option(option.replace("--", "--no-"), "... or none");
        break;
      case "choice":
        command.option(
          `${option} <name>`,
          `${text}: ${listed(setting.choices)}`,
          oneOf(option, setting.choices),
        );
        break;
      case "numbers":
        command.option(`${option} <list>`, text, numbers(option));
        break;
      case "number":
        command.option(`${option} <x>`, text, realNumber(option, rangeOf(setting)));
        break;
      default:
        setting satisfies never;
    }
  }
  return command;
}

/** What an option may be, as its parser takes it. */
export function rangeOf(setting: SettingDescription & { readonly kind: "number" }) {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = setting;
  const min = exclusiveMinimum ?? minimum;
  const max = exclusiveMaximum ?? maximum;
  return {
    ...(min !== undefined && { min, aboveMin: exclusiveMinimum !== undefined }),
    ...(max !== undefined && { max, belowMax: exclusiveMaximum !== undefined }),
  };
}

/** `0.5, nin-small: 0`: a setting's default, by network where they differ. */
function usual(of: NetSetting["of"]): string {
  const [first, ...others] = [...of].map(([model, setting]) => [model, shown(setting.default)] as const);
  const different = others.filter(([, value]) => value !== first![1]);
  return [first![1], ...different.map(([model, value]) => `${model}: ${value}`)].join(", ");
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
  const values = given as Readonly<Record<string, unknown>>;
  const changed: Record<string, unknown> = {};
  for (const [name, { of }] of netSettings()) {
    if (values[name] === undefined) continue;
    if (!of.has(net)) {
      const known = describeSettings(models[net].options).map((setting) => optionName(setting.name));
      throw new UsageError(
        `${optionName(name)}: ${net} has no such option. Leave it out; ${net} has ${known.join(", ")}.`,
      );
    }
    changed[name] = values[name];
  }
  if (Object.keys(changed).length === 0) return undefined;
  const options = { ...base, ...changed };
  try {
    createModel(net, { channels: 1, classes: 2 }, options);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return options;
}
