import * as z from "zod";
import { augmentationSchema } from "../augment/augmentations.ts";
import { NinError } from "../core/errors.ts";
import { firstIssue } from "../core/settings.ts";
import { caveatOf, datasetNamed, datasetNames, datasets } from "../data/datasets.ts";
import { modelNames, models } from "../models/models.ts";
import { defaultSeed } from "../nn/initializers.ts";
import { optimizerSchema } from "../optim/optimizers.ts";
import { scheduleSchema } from "../optim/schedules.ts";

const pixels = z.int().min(1);

/** Everything that decides the result of a training run; network and data set may be the caller's own. */
const recipeSchema = z.strictObject({
  /** Name of the network. */
  net: z.string(),
  /** Options of the network that differ from its own defaults. */
  netOptions: z.record(z.string(), z.unknown()).default({}),
  /** Name of the data set. */
  dataset: z.string(),
  /** Times that training goes through all images. */
  epochs: z.int().min(1),
  /** Images a step. */
  batchSize: z.int().min(1),
  /** Learning rate, before the schedule. */
  lr: z.number().positive(),
  /** How gradients change weights: {@link OptimizerSettings}. */
  optimizer: optimizerSchema,
  /** How the learning rate changes over the run: {@link ScheduleSettings}. */
  schedule: scheduleSchema,
  /** Epochs, or a part of one, in which the learning rate rises from 0; 0: none. */
  warmup: z.number().min(0),
  /** Share of each label that is spread over all classes in training. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** How much the images of each class count in the training loss; null: all alike. */
  classWeights: z.array(z.number().min(0)).min(1).readonly().nullable().default(null),
  /** The largest norm of all gradients of a step together; null: any. */
  clip: z.number().positive().nullable().default(null),
  /** Share of the weights' moving averages that each step keeps; the averages are the result. Null: no averages. */
  ema: z.number().min(0).lt(1).nullable().default(null),
  /** What training images go through, in this order: {@link AugmentationSettings}. */
  augment: z.array(augmentationSchema).readonly().default([]),
  /** Pixels that images are resized to, height and width or one number for both; null: as stored. */
  resize: z.union([pixels, z.tuple([pixels, pixels]).readonly()]).nullable(),
  /** Taken from each channel, in units of 0..1; null: nothing. */
  mean: z.array(z.number()).readonly().nullable().default(null),
  /** What each channel is divided by, in units of 0..1; null: nothing. */
  std: z.array(z.number().positive()).readonly().nullable().default(null),
  /** Only the first so many training images; null: all. */
  limit: z.int().min(1).nullable(),
  /** Only the first so many test images, which is said beside every result; null: all. */
  testLimit: z.int().min(1).nullable().default(null),
  /** Images that are computed together: gradients are added up slice by slice; null: as the shapes suggest. */
  slice: z.int().min(1).nullable(),
  /** Decides weights, order of images and dropout. */
  seed: z.int().min(0).max(0xffffffff),
});

/**
 * Everything that decides the result of a training run.
 *
 * @interface
 */
export type Recipe = Readonly<z.infer<typeof recipeSchema>>;

/** One of networks and data sets that this package knows. */
const knownSchema = recipeSchema.extend({
  net: z.enum(modelNames),
  dataset: z.preprocess(canonicalName, z.enum(datasetNames)),
});

/** A network that this package knows, on images of the caller's own. */
const ownDataSchema = recipeSchema.extend({ net: z.enum(modelNames) });

/** Older runs have other names of data sets. */
function canonicalName(name: unknown): unknown {
  try {
    return datasetNamed(String(name)).name;
  } catch {
    return name;
  }
}

const plainSgd = {
  name: "sgd",
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
  decayWeightsOnly: false,
} as const;

const { mean, std } = datasets["fashion-mnist"];

/** The published recipe, step for step. */
const tutorial: Recipe = {
  net: "nin",
  netOptions: {},
  dataset: "fashion-mnist",
  ...models.nin.recipe,
  optimizer: plainSgd,
  schedule: { name: "constant" },
  warmup: 0,
  labelSmoothing: 0,
  classWeights: null,
  clip: null,
  ema: null,
  augment: [],
  mean: null,
  std: null,
  limit: null,
  testLimit: null,
  slice: null,
  seed: defaultSeed,
};

/** What networks learn well with: normalized images, momentum, a rate that rises and falls. */
const modern: Recipe = {
  ...tutorial,
  optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weightDecay: 5e-4, decayWeightsOnly: true },
  schedule: { name: "one-cycle", rise: 0.25, start: 0.04, final: 0.002 },
  labelSmoothing: 0.05,
  augment: [{ name: "flip" }],
  mean,
  std,
};

/** Orthogonal updates of the weights of layers. */
const muon = { name: "muon", momentum: 0.9, weightDecay: 0, vectorRate: 1, newtonSchulzSteps: 5 } as const;

/** Recipes that runs begin from, by name. */
export const presets = {
  tutorial,
  /** The tutorial's network at its size, with what helps it to learn. */
  robust: { ...modern, netOptions: { norm: "batch", init: "he", lastRelu: false } },
  /** A small network for small images: minutes on two cores. */
  fast: {
    ...modern,
    net: "nin-small",
    ...models["nin-small"].recipe,
    lr: 0.1,
    optimizer: muon,
  },
  /** That network at every pixel and twice as deep, for longer: an hour or two on two cores. */
  best: {
    ...modern,
    net: "nin-small",
    netOptions: { stride: 1, depth: 2 },
    epochs: 20,
    batchSize: 128,
    lr: 0.1,
    resize: null,
    optimizer: muon,
    augment: [{ name: "flip" }, { name: "shift", pixels: 2 }],
  },
  /** That network for some dozens to thousands of pictures of one's own: small batches, each picture seen often. */
  pictures: { ...modern, net: "nin-small", epochs: 30, batchSize: 16, lr: 0.05, resize: null },
} as const satisfies Readonly<Record<string, Recipe>>;

/** A key of {@link presets}. */
export type PresetName = keyof typeof presets;

/** What must stand beside every result of a recipe: that its images are not the whole data set. */
export function caveatsOf({ dataset, testLimit }: Pick<Recipe, "dataset" | "testLimit">): string[] {
  const caveat = caveatOf(dataset);
  const count = testLimit?.toLocaleString("en-US");
  return [
    ...(caveat === null ? [] : [caveat]),
    ...(count === undefined ? [] : [`tested on only the first ${count} test images`]),
  ];
}

const schemas = { known: knownSchema, "own-data": ownDataSchema, any: recipeSchema } as const;

/**
 * Checks a recipe from outside. One by an older version, which knew SGD alone, is read as what it meant.
 *
 * @param names - `known`: network and data set must be of the registries; `own-data`: the network must; `any`: they may
 *   be the caller's own
 * @throws NinError naming the first setting that is wrong, what came and what was expected
 */
export function parseRecipe(value: unknown, names: keyof typeof schemas = "known"): Recipe {
  const parsed = schemas[names].safeParse(upgraded(value));
  if (parsed.success) return parsed.data;
  const { path, sentences } = firstIssue(parsed.error, value);
  throw new NinError(`Recipe setting ${path || "recipe"}: ${sentences}`);
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
