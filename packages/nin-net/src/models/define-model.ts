import type { z } from "zod";
import { NinError, ShapeError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";
import { firstIssue } from "../core/settings.ts";
import type { Layer } from "../nn/layer.ts";

/** What decides a network besides its own options. */
export interface ModelContext {
  /** Of the images. */
  readonly channels: number;
  readonly classes: number;
  /** Decides the initial weights. */
  readonly seed: number;
}

/** Settings of training that suit a network, the series' own. */
export interface ModelRecipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  /** Height and width that it was made for, in pixels; null: those of the data set. */
  readonly resize: number | readonly [height: number, width: number] | null;
}

export interface ModelDefinition<O extends object = object> {
  readonly name: string;
  /** For people, e.g. `Network in Network`. */
  readonly title: string;
  /** Where it was published. */
  readonly source: string;
  /** Height and width of the smallest image that it takes, in pixels. */
  readonly smallestInput: readonly [height: number, width: number];
  /** Options of its own, with their defaults. */
  readonly options: z.ZodObject & z.ZodType<O>;
  readonly recipe: ModelRecipe;
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
  { channels, classes }: Pick<ImageSpec, "channels" | "classes">,
  { seed, ...options }: { readonly seed: number } & Readonly<Record<string, unknown>>,
): Layer {
  const parsed = model.options.safeParse(options);
  if (!parsed.success) {
    const { path, sentences } = firstIssue(parsed.error, options);
    throw new NinError(`Network ${model.name}${path === "" ? "" : `, option ${path}`}: ${sentences}`);
  }
  const net = model.build({ ...parsed.data, channels, classes, seed });
  const shape = net.outputShape([1, channels, ...model.smallestInput]);
  if (shape.length !== 2 || shape[1] !== classes) {
    throw new ShapeError(net.kind, {
      got: shape,
      want: `[N, ${classes}] from the network ${model.name}`,
      fix: "End it with as many scores as there are classes.",
    });
  }
  return net;
}
