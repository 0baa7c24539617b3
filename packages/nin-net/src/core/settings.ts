/** Settings of what a recipe names (optimizers, schedules, augmentations, networks), each with a default. */
import * as z from "zod";
import { NinError } from "./errors.ts";
import { disjunction, expectationOf } from "./issue-words.ts";

/** A strict object whose fields all have defaults. */
export type SettingsSchema = z.ZodObject;

/** @throws NinError naming the setting, what came and what was expected */
export function parseSettings<Schema extends SettingsSchema>(
  where: string,
  schema: Schema,
  given: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { path, sentences } = firstIssue(parsed.error, given);
  const names = Object.keys(schema.shape);
  throw new NinError(
    `${where}${path === "" ? "" : ` setting ${path}`}: ${sentences} The settings are ${names.join(", ") || "none"}.`,
  );
}

/**
 * What is wrong first with a value that its schema refused.
 *
 * @param value - the refused one
 * @returns `path` to what is wrong, `optimizer.momentum`, empty for the whole, and `sentences`: what came, what was
 *   expected
 */
export function firstIssue(
  error: z.ZodError,
  value: unknown,
): { readonly path: string; readonly sentences: string } {
  const [issue] = error.issues as [z.core.$ZodIssue];
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const name = [...path, issue.keys[0]!].join(".");
    return { path: name, sentences: "there is none of that name. Correct it, or leave it out." };
  }
  const came = path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  const expected = expectationOf(issue);
  // What is no expectation is a sentence of its own.
  const join = expected.startsWith("expected") ? ", " : ". ";
  return { path: path.join("."), sentences: `got ${textOf(came)}${join}${expected}.` };
}

/** JSON, which has no NaN, knows nothing of `undefined`. */
function textOf(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
}

/** Kinds by name, each with settings. */
type Kinds = Readonly<Record<string, { readonly settings: SettingsSchema }>>;

/** The name of one of the kinds, and its settings. */
export type NamedSettings<K extends Kinds> = {
  [Name in keyof K]: { readonly name: Name } & {
    readonly [Setting in keyof K[Name]["settings"]["shape"]]: z.infer<K[Name]["settings"]["shape"][Setting]>;
  };
}[keyof K];

/** What a recipe may say of one of the kinds: its name, and settings, of which those left out have their defaults. */
export function namedSettingsSchema<K extends Kinds>(kinds: K): z.ZodType<NamedSettings<K>> {
  const options = Object.entries(kinds).map(([name, { settings }]) =>
    settings.safeExtend({ name: z.literal(name) }),
  );
  const [first, ...others] = options as [(typeof options)[number], ...typeof options];
  const names = disjunction.format(Object.keys(kinds));
  const error = ({ code }: { readonly code: string }) =>
    code === "invalid_union" ? `expected ${names}` : undefined;
  return z.discriminatedUnion("name", [first, ...others], { error }) as unknown as z.ZodType<
    NamedSettings<K>
  >;
}

/** What a setting may be, for options and pages. */
export type SettingDescription = NumberSetting | SwitchSetting | ChoiceSetting | NumbersSetting;

/** What every setting has. */
interface SettingCommon {
  /** The key under which it is given. */
  readonly name: string;
  /** For help texts; empty if there is none. */
  readonly description: string;
}

/** Bounds of a number; those left out do not limit it. */
interface Bounds {
  /** The smallest value. */
  readonly minimum?: number;
  /** The value is above this one. */
  readonly exclusiveMinimum?: number;
  /** The largest value. */
  readonly maximum?: number;
  /** The value is below this one. */
  readonly exclusiveMaximum?: number;
}

/** A number, perhaps with bounds. */
export interface NumberSetting extends SettingCommon, Bounds {
  /** Discriminates {@link SettingDescription}. */
  readonly kind: "number";
  /** Taken where the setting is left out. */
  readonly default: number;
  /** No fractions. */
  readonly whole: boolean;
}

/** On or off. */
export interface SwitchSetting extends SettingCommon {
  /** Discriminates {@link SettingDescription}. */
  readonly kind: "switch";
  /** Taken where the setting is left out. */
  readonly default: boolean;
}

/** One of several names. */
export interface ChoiceSetting extends SettingCommon {
  /** Discriminates {@link SettingDescription}. */
  readonly kind: "choice";
  /** Taken where the setting is left out. */
  readonly default: string;
  /** The names to choose from. */
  readonly choices: readonly string[];
}

/** A list of numbers. */
export interface NumbersSetting extends SettingCommon {
  /** Discriminates {@link SettingDescription}. */
  readonly kind: "numbers";
  /** Taken where the setting is left out. */
  readonly default: readonly number[];
}

/** Every setting of an optimizer, a schedule, an augmentation or a network. */
export function describeSettings(schema: SettingsSchema): SettingDescription[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { type, description = "", default: standard, ...rest } = property as z.core.JSONSchema.BaseSchema;
    const common = { name, description, default: standard };
    switch (type) {
      case "boolean":
        return { ...common, kind: "switch" } as SwitchSetting;
      case "string":
        return { ...common, kind: "choice", choices: rest.enum } as ChoiceSetting;
      case "array":
        return { ...common, kind: "numbers" } as NumbersSetting;
      default:
        return { ...common, kind: "number", whole: type === "integer", ...boundsOf(rest) } as NumberSetting;
    }
  });
}

/** Without those of whole numbers that float64 holds, which Zod adds and which say nothing to a reader. */
function boundsOf({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
}: z.core.JSONSchema.BaseSchema): Bounds {
  const bounds = Object.entries({ minimum, maximum, exclusiveMinimum, exclusiveMaximum });
  return Object.fromEntries(
    bounds.filter(([, bound]) => typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER),
  );
}
