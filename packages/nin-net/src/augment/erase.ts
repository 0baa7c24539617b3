import * as z from "zod";
import { randomErase } from "../ops/random-erase.ts";
import { defineAugmentation } from "./augmentation.ts";

/**
 * Blackens a square at a random place of each image.
 *
 * @see DeVries & Taylor 2017, "Improved regularization of convolutional neural networks with cutout" (arXiv:1708.04552)
 */
export const erase = defineAugmentation("erase", {
  title: "blacken a random square",
  settings: z.strictObject({
    pixels: z.int().min(1).default(8).describe("side of the square, in pixels of the stored image"),
  }),
  apply: (x, { pixels }, { key, sliceStart, stream }) =>
    randomErase(x, key, sliceStart, { side: pixels, stream }),
});
