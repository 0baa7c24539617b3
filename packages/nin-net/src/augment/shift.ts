import * as z from "zod";
import { randomMove } from "../ops/random-move.ts";
import { defineAugmentation } from "./augmentation.ts";

/**
 * Moves each image by random whole pixels on both axes, filled up with black: RandomCrop of the padded image.
 *
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 */
export const shift = defineAugmentation("shift", {
  title: "move images by random pixels",
  settings: z.strictObject({
    pixels: z.int().min(1).default(2).describe("pixels of the stored image, at most, on each axis"),
  }),
  apply: (x, { pixels }, { key, sliceStart, stream }) =>
    randomMove(x, key, sliceStart, { shift: pixels, flip: false, stream }),
});
