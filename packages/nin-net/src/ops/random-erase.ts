import { ShapeError } from "../core/errors.ts";
import type { Node } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { nhwc, wholeNumber } from "./check.ts";
import { checkImages, imageWords, uniformBelow } from "./random-move.ts";

/** What `randomErase` erases. */
export interface RandomEraseAttrs {
  /** Side of the square, in pixels. */
  readonly side: number;
  /** Tells the random ops of one program apart. */
  readonly stream: number;
}

/**
 * Sets a square of each image to 0, as cutout does: its centre is uniform over the pixels of the image, what lies
 * outside is cut off. Draws as `randomMove` does: word 0 is the row, word 1 the column of the centre.
 *
 * x [N, H, W, C], key u32 [3]: seed, epoch, step; sliceStart u32 [1] -> y [N, H, W, C]
 *
 * @see DeVries & Taylor 2017, "Improved regularization of convolutional neural networks with cutout" (arXiv:1708.04552)
 */
export const randomErase = defineOp<[x: Node, key: Node, sliceStart: Node], RandomEraseAttrs>("randomErase", {
  infer: ([x, key, start], { side }) => {
    checkImages("randomErase", x, key, start);
    wholeNumber("randomErase", "side", side, 1);
    const [, h, w] = nhwc("randomErase", x);
    if (side > Math.min(h, w)) {
      throw new ShapeError("randomErase", {
        got: `side ${side}`,
        want: `at most ${Math.min(h, w)}, the shorter side of the images`,
        fix: "Erase a smaller square.",
      });
    }
    return x;
  },
  reference: ([x, key, start], { side, stream }, shape) => {
    const [n, h, w, c] = nhwc("randomErase", shape);
    const y = x.data.slice();
    for (let i = 0; i < n; i++) {
      const words = imageWords(key.data, start.data[0]! + i, stream);
      const top = uniformBelow(words[0]!, h) - Math.floor(side / 2);
      const left = uniformBelow(words[1]!, w) - Math.floor(side / 2);
      for (let row = Math.max(0, top); row < Math.min(h, top + side); row++) {
        for (let column = Math.max(0, left); column < Math.min(w, left + side); column++) {
          y.fill(0, ((i * h + row) * w + column) * c, ((i * h + row) * w + column + 1) * c);
        }
      }
    }
    return y;
  },
  cost: () => ({ flops: 0 }),
});
