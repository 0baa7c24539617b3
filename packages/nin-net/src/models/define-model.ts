import type * as z from "zod";
import { NinError, ShapeError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";
import { firstIssue } from "../core/settings.ts";
import type { Layer } from "../nn/layer.ts";

/** What decides a network besides its own options. */
export interface ModelContext {
  /** Of the images. */
  readonly channels: number;
  /** Number of class scores. */
  readonly classes: number;
  /** Height and width of the images as the network sees them, in pixels; never below {@link ModelDefinition.smallestInput}. */
  readonly size: readonly [height: number, width: number];
  /** Decides the initial weights. */
  readonly seed: number;
}

/** What a network is made for. */
export interface ModelImages extends Pick<ImageSpec, "channels" | "classes"> {
  /**
   * Height and width of the images as the network sees them; default: those that it was made for. A network with Linear
   * layers takes images of this size alone.
   */
  readonly size?: readonly [height: number, width: number] | undefined;
}

/** Settings of training that suit a network, the series' own. */
export interface ModelRecipe {
  /** Epochs of a run. */
  readonly epochs: number;
  /** Images a step. */
  readonly batchSize: number;
  /** Learning rate, before any schedule. */
  readonly lr: number;
  /** Height and width that it was made for, in pixels; null: those of the data set. */
  readonly resize: number | readonly [height: number, width: number] | null;
}

/** A network of the registry: how it is built, from which settings, and what it is usually trained with. */
export interface ModelDefinition<O extends object = object> {
  /** By which recipes and {@link createModel} name it. */
  readonly name: string;
  /** For people, e.g. `Network in Network`. */
  readonly title: string;
  /** Where it was published. */
  readonly source: string;
  /** Height and width of the smallest image that it takes, in pixels. */
  readonly smallestInput: readonly [height: number, width: number];
  /** Options of its own, with their defaults. */
  readonly options: z.ZodObject & z.ZodType<O>;
  /** What it is usually trained with. */
  readonly recipe: ModelRecipe;
  /** Makes the network with fresh weights: [N, channels, H, W] -> class scores [N, classes]. */
  build(settings: ModelContext & O): Layer;
}

/**
 * Describes a network: one value in one file, named in the registry `models.ts`.
 *
 * [N, channels, H, W] -> class scores [N, classes]
 */
export function defineModel<const N extends string, O extends object>(
  name: N,
  definition: Omit<ModelDefinition<O>, "name">,
): ModelDefinition<O> & { readonly name: N } {
  return { ...definition, name };
}

/**
 * Makes a network with fresh weights.
 *
 * @param options - the network's own options; what is left out takes its default
 * @throws NinError if an option is wrong or unknown; ShapeError if the network does not end in [N, classes]
 */
export function buildModel<O extends object>(
  model: ModelDefinition<O>,
  { channels, classes, size: given }: ModelImages,
  { seed, ...options }: { readonly seed: number } & Readonly<Record<string, unknown>>,
): Layer {
  const parsed = model.options.safeParse(options);
  if (!parsed.success) {
    const { path, sentences } = firstIssue(parsed.error, options);
    throw new NinError(`Network ${model.name}${path === "" ? "" : `, option ${path}`}: ${sentences}`);
  }
  const { smallestInput, recipe } = model;
  const usual = typeof recipe.resize === "number" ? ([recipe.resize, recipe.resize] as const) : recipe.resize;
  const [height, width] = given ?? usual ?? smallestInput;
  // Images that are too small are refused when they come, by a network for the smallest.
  const size = [Math.max(height, smallestInput[0]), Math.max(width, smallestInput[1])] as const;
  const net = model.build({ ...parsed.data, channels, classes, size, seed });
  const shape = net.outputShape([1, channels, ...size]);
  if (shape.length !== 2 || shape[1] !== classes) {
    throw new ShapeError(net.kind, {
      got: shape,
      want: `[N, ${classes}] from the network ${model.name}`,
      fix: "End it with as many scores as there are classes.",
    });
  }
  return net;
}
