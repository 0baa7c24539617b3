import { checkAugmentations, type ImageSpec, type Layer, modelNamed, type Recipe, ShapeError } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";

/**
 * @param net - of the registry, by name
 * @param shape - of an image as the network is to see it
 * @param option - that decides their height and width
 * @throws UsageError if the network cannot take such images
 */
export function checkInputSize(
  { net, name }: { readonly net: Layer; readonly name: string },
  shape: readonly [channels: number, height: number, width: number],
  option = "--resize",
): void {
  try {
    net.outputShape([1, ...shape]);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const [, ...given] = shape;
    const { smallestInput } = modelNamed(name);
    if (given.every((length, side) => length >= smallestInput[side]!)) {
      throw new UsageError(`${option}: got "${sizeText(given)}". ${error.message}`);
    }
    throw new UsageError(
      `${option}: got "${sizeText(given)}", expected ${sizeText(smallestInput)} or more: smaller images do not fill the last pooling window.`,
    );
  }
}

/** @throws UsageError if stored images are too small for the recipe's augmentations */
export function checkAugment({ augment }: Pick<Recipe, "augment">, image: ImageSpec): void {
  try {
    checkAugmentations(augment, image);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    // The op's name says nothing to whoever gave the option.
    throw new UsageError(`--augment: ${error.message.replace(/^\w+: /, "")}`);
  }
}

/** `67`, or `67x80` where the sides differ. */
function sizeText([height, width]: readonly number[]): string {
  return height === width ? String(height) : `${height}x${width}`;
}
