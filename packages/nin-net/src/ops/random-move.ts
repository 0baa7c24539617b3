import { ShapeError } from "../core/errors.ts";
import { Purpose, philox } from "../core/random.ts";
import type { Node } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { floats, nhwc, randomInputs, wholeNumber } from "./check.ts";

/** How far images are moved, and whether some are mirrored. */
export interface RandomMoveAttrs {
  /** Pixels that an image moves at most, up, down, left and right; less than its shorter side. */
  readonly shift: number;
  /** Whether a random half of the images is mirrored, left to right. */
  readonly flip: boolean;
  /** Tells the random ops of one program apart. */
  readonly stream: number;
}

/**
 * Moves each image by a random number of whole pixels on each axis and mirrors a random half of the images; what comes
 * in from outside is 0.
 *
 * Image i of the slice has the index sliceStart + i, so that slicing does not change what it becomes. It draws the words
 * of Philox4x32-10 with the counter [index, step, stream, epoch] and the key [seed, 5]: the highest bit of word 0 says
 * whether it is mirrored, words 1 and 2 by how much it moves down and right.
 *
 * x [N, H, W, C], key u32 [3]: seed, epoch, step; sliceStart u32 [1] -> y [N, H, W, C]
 *
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 * @see Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"
 */
export const randomMove = defineOp<[x: Node, key: Node, sliceStart: Node], RandomMoveAttrs>("randomMove", {
  infer: ([x, key, start], { shift }) => {
    checkImages("randomMove", x, key, start);
    wholeNumber("randomMove", "shift", shift, 0);
    const [, h, w] = nhwc("randomMove", x);
    if (shift >= Math.min(h, w)) {
      throw new ShapeError("randomMove", {
        got: `shift ${shift}`,
        want: `less than ${Math.min(h, w)}, the shorter side of the images`,
        fix: "Move them by fewer pixels.",
      });
    }
    return x;
  },
  reference: ([x, key, start], { shift, flip, stream }, shape) => {
    const [n, h, w, c] = nhwc("randomMove", shape);
    const y = new Float64Array(n * h * w * c);
    for (let i = 0; i < n; i++) {
      const words = imageWords(key.data, start.data[0]! + i, stream);
      const isMirrored = flip && words[0]! >= 2 ** 31;
      const down = uniformBelow(words[1]!, 2 * shift + 1) - shift;
      const right = uniformBelow(words[2]!, 2 * shift + 1) - shift;
      for (let row = 0; row < h; row++) {
        for (let column = 0; column < w; column++) {
          const fromRow = row - down;
          const fromColumn = (isMirrored ? w - 1 - column : column) - right;
          if (fromRow < 0 || fromRow >= h || fromColumn < 0 || fromColumn >= w) continue;
          for (let k = 0; k < c; k++) {
            y[((i * h + row) * w + column) * c + k] = x.data[((i * h + fromRow) * w + fromColumn) * c + k]!;
          }
        }
      }
    }
    return y;
  },
  cost: () => ({ flops: 0 }),
});

/** Refuses what is not a batch of images, a key and the index of a first image. */
export function checkImages(op: string, ...[x, key, start]: readonly Node["type"][]): void {
  floats(op, x!);
  nhwc(op, x!);
  randomInputs(op, key!, start!);
}

/** The four random words of an image. @param key - seed, epoch, step */
export function imageWords(key: Float64Array, index: number, stream: number): readonly number[] {
  const [seed, epoch, step] = key as unknown as [number, number, number];
  return philox([index >>> 0, step, stream, epoch], [seed, Purpose.augment]);
}

/** A random word as a whole number of 0 up to, but without, `count`. */
export function uniformBelow(word: number, count: number): number {
  return Math.floor((word * count) / 2 ** 32);
}
