import { z } from "zod";
import { NinError } from "../core/errors.ts";
import { datasetNamed, datasetNames } from "../data/datasets.ts";
import { modelNames, models } from "../models/models.ts";
import { defaultSeed } from "../nn/initializers.ts";

const pixels = z.int().min(1);

/** Everything that decides the result of a training run; network and data set may be the caller's own. */
const recipeSchema = z.strictObject({
  net: z.string(),
  dataset: z.string(),
  epochs: z.int().min(1),
  batchSize: z.int().min(1),
  /** Learning rate of stochastic gradient descent. */
  lr: z.number().positive(),
  /** Momentum as in PyTorch's SGD; 0 is plain gradient descent. */
  momentum: z.number().min(0).lt(1),
  /** Pixels that images are resized to, height and width or one number for both; null: as stored. */
  resize: z.union([pixels, z.tuple([pixels, pixels]).readonly()]).nullable(),
  /** Taken from each channel, in units of 0..1; null: nothing. */
  mean: z.array(z.number()).readonly().nullable().default(null),
  /** What each channel is divided by, in units of 0..1; null: nothing. */
  std: z.array(z.number().positive()).readonly().nullable().default(null),
  /** Only the first so many training images; null: all. */
  limit: z.int().min(1).nullable(),
  /** Decides weights, order of images and dropout. */
  seed: z.int().min(0).max(0xffffffff),
});

export type Recipe = Readonly<z.infer<typeof recipeSchema>>;

/** One of networks and data sets that this package knows. */
const knownSchema = recipeSchema.extend({
  net: z.enum(modelNames),
  dataset: z.preprocess(canonicalName, z.enum(datasetNames)),
});

/** Older runs have other names of data sets. */
function canonicalName(name: unknown): unknown {
  try {
    return datasetNamed(String(name)).name;
  } catch {
    return name;
  }
}

const tutorial: Recipe = {
  net: "nin",
  dataset: "fashion-mnist",
  ...models.nin.recipe,
  momentum: 0,
  mean: null,
  std: null,
  limit: null,
  seed: defaultSeed,
};

/** `tutorial`: the published recipe, step for step. `quick`: learning to show within minutes on two cores. */
export const presets = {
  tutorial,
  quick: { ...tutorial, epochs: 1, batchSize: 32, lr: 0.02, momentum: 0.9, resize: 112 },
} as const satisfies Readonly<Record<string, Recipe>>;

export type PresetName = keyof typeof presets;

/**
 * Checks a recipe from outside.
 *
 * @param names - `known`: network and data set must be of the registries; `any`: they may be the caller's own
 * @throws NinError naming the first setting that is wrong, what came and what was expected
 */
export function parseRecipe(value: unknown, names: "known" | "any" = "known"): Recipe {
  const parsed = (names === "known" ? knownSchema : recipeSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const setting = issue.path.join(".") || "recipe";
  const came = issue.path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  throw new NinError(
    `Recipe setting ${setting}: got ${JSON.stringify(came) ?? "nothing"}. ${issue.message.replace(/\.?$/, ".")}`,
  );
}
