/** An augmentation changes training images at random, as part of the graph: a pure function of seed, epoch, step and image. */
import type * as z from "zod";
import { parseSettings, type SettingsSchema } from "../core/settings.ts";
import type { Node } from "../graph/node.ts";

/** What random ops draw from. */
export interface AugmentationRandom {
  /** Seed, epoch and step, u32 [3]. */
  readonly key: Node;
  /** Index in the batch of the slice's first image, u32 [1]. */
  readonly sliceStart: Node;
  /** Another number for each augmentation of a list. */
  readonly stream: number;
}

/** A change of training images, with its settings. */
export interface Augmentation {
  /** By which a recipe names it, e.g. `shift`. */
  readonly name: string;
  /** With defaults filled in. */
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** Images as stored, divided by 255, [N, H, W, C] -> the same shape. Its ops need no gradient. */
  apply(x: Node, random: AugmentationRandom): Node;
}

/** What {@link defineAugmentation} takes. */
export interface AugmentationDefinition<Schema extends SettingsSchema> {
  /** For help texts. */
  readonly title: string;
  /** Each setting with its default and its description. */
  readonly settings: Schema;
  /** As {@link Augmentation.apply}, with the settings that were given. */
  readonly apply: (x: Node, settings: z.infer<Schema>, random: AugmentationRandom) => Node;
}

/** A kind of augmentation: call it with settings to have one. */
export interface AugmentationKind<Schema extends SettingsSchema = SettingsSchema> {
  /** @throws NinError naming the setting that is unknown or out of range */
  (settings?: z.input<Schema>): Augmentation;
  /** By which a recipe names it. */
  readonly augmentationName: string;
  /** For help texts. */
  readonly title: string;
  /** Each setting with its default and its description. */
  readonly settings: Schema;
}

/**
 * Defines an augmentation.
 *
 * @param name - by which a recipe names it, if it is in the registry
 */
export function defineAugmentation<Schema extends SettingsSchema>(
  name: string,
  definition: AugmentationDefinition<Schema>,
): AugmentationKind<Schema> {
  const create = (given: z.input<Schema> = {} as z.input<Schema>): Augmentation => {
    const settings = parseSettings(`augmentation ${name}`, definition.settings, given);
    return {
      name,
      settings: settings as Readonly<Record<string, number | boolean>>,
      apply: (x, random) => definition.apply(x, settings, random),
    };
  };
  return Object.assign(create, {
    augmentationName: name,
    title: definition.title,
    settings: definition.settings,
  });
}
