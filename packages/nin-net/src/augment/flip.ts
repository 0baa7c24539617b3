import * as z from "zod";
import { randomMove } from "../ops/random-move.ts";
import { defineAugmentation } from "./augmentation.ts";

/**
 * Mirrors a random half of the images, left to right.
 *
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html
 */
export const flip = defineAugmentation("flip", {
  title: "mirror half of the images",
  settings: z.strictObject({}),
  apply: (x, _settings, { key, sliceStart, stream }) =>
    randomMove(x, key, sliceStart, { shift: 0, flip: true, stream }),
});
