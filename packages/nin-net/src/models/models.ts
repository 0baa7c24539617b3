/** The networks this package knows, by name. */
import { NinError } from "../core/errors.ts";
import { defaultSeed } from "../nn/initializers.ts";
import type { Layer } from "../nn/layer.ts";
import { alexnet } from "./alexnet.ts";
import { buildModel, type ModelDefinition, type ModelImages } from "./define-model.ts";
import { lenet } from "./lenet.ts";
import { nin } from "./nin.ts";
import { ninCifar } from "./nin-cifar.ts";
import { ninSmall } from "./nin-small.ts";
import { vgg } from "./vgg.ts";

/** The networks that this package knows, by name. */
export const models = {
  nin,
  "nin-small": ninSmall,
  "nin-cifar": ninCifar,
  lenet,
  alexnet,
  vgg,
} as const;

/** A key of {@link models}. */
export type ModelName = keyof typeof models;
/** The keys of {@link models}. */
export const modelNames = Object.keys(models) as ModelName[];

/** @throws NinError if there is none of that name */
export function modelNamed(name: string): ModelDefinition {
  if (Object.hasOwn(models, name)) return models[name as ModelName];
  throw new NinError(
    `Got network ${JSON.stringify(name)}, expected one of ${modelNames.join(", ")}. Choose one of these.`,
  );
}

/**
 * Makes a network with fresh weights: [N, channels, H, W] -> class scores [N, classes].
 *
 * @param name - one of the registry
 * @param image - the images that it is for
 * @param options - the seed of the initial weights, and the network's own options
 * @throws NinError if there is no such network or an option is wrong
 */
export function createModel(
  name: string,
  image: ModelImages,
  { seed = defaultSeed, ...options }: { readonly seed?: number } & Readonly<Record<string, unknown>> = {},
): Layer {
  return buildModel(modelNamed(name), image, { seed, ...options });
}
