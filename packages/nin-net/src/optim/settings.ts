/** Settings of optimisers and schedules: numbers and switches, each with a default. */
import { z } from "zod";
import { NinError } from "../core/errors.ts";

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
  const { path, message } = parsed.error.issues[0]!;
  const setting = path.join(".");
  const came = setting === "" ? given : (given as Readonly<Record<string, unknown>>)[setting];
  const names = Object.keys(schema.shape);
  throw new NinError(
    `${where}${setting === "" ? "" : ` setting ${setting}`}: got ${JSON.stringify(came) ?? "nothing"}. ` +
      `${message.replace(/\.?$/, ".")} The settings are ${names.join(", ") || "none"}.`,
  );
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
    settings.extend({ name: z.literal(name) }),
  );
  const [first, ...others] = options as [(typeof options)[number], ...typeof options];
  return z.discriminatedUnion("name", [first, ...others]) as unknown as z.ZodType<NamedSettings<K>>;
}

/** What a setting may be, for options and pages. */
export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  readonly kind: "number" | "switch";
  readonly default: number | boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

/** Every setting of an optimiser or a schedule. */
export function describeSettings(schema: SettingsSchema): SettingDescription[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { type, description = "", default: standard, ...limits } = property as z.core.JSONSchema.BaseSchema;
    return {
      name,
      description,
      kind: type === "boolean" ? "switch" : "number",
      default: standard as number | boolean,
      ...(limits as Pick<SettingDescription, "minimum" | "maximum">),
    };
  });
}
