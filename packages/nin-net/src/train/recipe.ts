import { z } from "zod";
import { NinError } from "../core/errors.ts";
import { defaultSeed } from "../nn/initializers.ts";
import { optimizerSchema } from "../optim/optimizers.ts";
import { scheduleSchema } from "../optim/schedules.ts";

/** Everything that decides the result of a training run. */
export const recipeSchema = z.strictObject({
  net: z.literal("nin"),
  dataset: z.enum(["fashion-mnist", "mnist", "drawn"]),
  epochs: z.int().min(1),
  batchSize: z.int().min(1),
  /** Learning rate, before the schedule. */
  lr: z.number().positive(),
  /** How gradients change weights. */
  optimizer: optimizerSchema,
  /** How the learning rate changes over the run. */
  schedule: scheduleSchema,
  /** Epochs, or a part of one, in which the learning rate rises from 0; 0: none. */
  warmup: z.number().min(0),
  /** Height and width in pixels that the 28x28 images are resized to. */
  resize: z.int().min(1),
  /** Only the first so many training images; null: all. */
  limit: z.int().min(1).nullable(),
  /** Images that are computed together: gradients are added up slice by slice; null: as the shapes suggest. */
  slice: z.int().min(1).nullable(),
  /** Decides weights, order of images and dropout. */
  seed: z.int().min(0).max(0xffffffff),
});

export type Recipe = Readonly<z.infer<typeof recipeSchema>>;

const tutorial: Recipe = {
  net: "nin",
  dataset: "fashion-mnist",
  epochs: 10,
  batchSize: 128,
  lr: 0.1,
  optimizer: { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0 },
  schedule: { name: "constant" },
  warmup: 0,
  resize: 224,
  limit: null,
  slice: null,
  seed: defaultSeed,
};

/** `tutorial`: the published recipe, step for step. `quick`: learning to show within minutes on two cores. */
export const presets = {
  tutorial,
  quick: {
    ...tutorial,
    epochs: 1,
    batchSize: 32,
    lr: 0.02,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
    resize: 112,
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export type PresetName = keyof typeof presets;

/**
 * Checks a recipe from outside. One by an older version, which knew SGD alone, is read as what it meant.
 *
 * @throws NinError naming the first setting that is wrong, what came and what was expected
 */
export function parseRecipe(value: unknown): Recipe {
  const parsed = recipeSchema.safeParse(upgraded(value));
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

/** A recipe of the first format has the momentum of SGD where there are an optimiser and a schedule now. */
function upgraded(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("momentum" in value) || "optimizer" in value)
    return value;
  const { momentum, ...others } = value;
  return {
    ...others,
    optimizer: { name: "sgd", momentum },
    schedule: { name: "constant" },
    warmup: 0,
    slice: null,
  };
}
