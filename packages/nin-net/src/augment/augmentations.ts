/** The augmentations that a recipe may name. A new one is a file beside `flip.ts` and a line here. */

import type { ImageSpec } from "../core/image-spec.ts";
import { type NamedSettings, namedSettingsSchema } from "../core/settings.ts";
import { input } from "../graph/node.ts";
import { augment } from "./augment.ts";
import type { Augmentation, AugmentationKind } from "./augmentation.ts";
import { erase } from "./erase.ts";
import { flip } from "./flip.ts";
import { shift } from "./shift.ts";

/** The augmentations that recipes know, by name. */
export const augmentations = { flip, shift, erase } as const satisfies Readonly<
  Record<string, AugmentationKind>
>;

/** A key of {@link augmentations}. */
export type AugmentationName = keyof typeof augmentations;
/** The keys of {@link augmentations}. */
export const augmentationNames = Object.keys(augmentations) as AugmentationName[];

/** An augmentation and its settings, as a recipe has them: `{ name: "shift", pixels: 2 }`. */
export type AugmentationSettings = NamedSettings<typeof augmentations>;
export const augmentationSchema = namedSettingsSchema(augmentations);

/**
 * Whether images of that size can go through augmentations, before anything is trained.
 *
 * @param image - as stored
 * @throws ShapeError if they cannot, as a square to be erased that is larger than they are
 */
export function checkAugmentations(
  list: readonly AugmentationSettings[],
  { channels, height, width }: Pick<ImageSpec, "channels" | "height" | "width">,
): void {
  const x = input("x", [1, height, width, channels], "f32", "slice");
  augment(x, list.map(createAugmentation), input("key", [3], "u32", "step"));
}

/** The augmentation that a recipe names. */
export function createAugmentation({ name, ...settings }: AugmentationSettings): Augmentation {
  return (augmentations[name] as AugmentationKind)(settings);
}
