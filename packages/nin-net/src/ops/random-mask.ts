import { ShapeError } from "../core/errors.ts";
import { Purpose, philox } from "../core/random.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { randomInputs } from "./check.ts";

/** The mask that is drawn. */
export interface RandomMaskAttrs {
  /** Shape of the mask for a slice of images, the leading axis counting them. */
  readonly shape: readonly number[];
  /** Share of the elements that become 0: at least 0, below 1. */
  readonly rate: number;
  /** Tells masks of one program apart. */
  readonly stream: number;
}

/**
 * A dropout mask: 0 with probability `rate`, else 1 / (1 - rate).
 *
 * Element e of image i in the slice has the index (sliceStart + i) E + e, E elements an image, so that slicing
 * does not change the mask. It draws word (index mod 4) of Philox4x32-10 with the counter
 * [floor(index / 4), step, stream, epoch] and the key [seed, 3], and is kept if the word's upper 24 bits are at
 * least {@link keepThreshold}.
 *
 * key u32 [3]: seed, epoch, step; sliceStart u32 [1] -> mask [...shape]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @see Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"
 */
export const randomMask = defineOp<[key: Node, sliceStart: Node], RandomMaskAttrs>("randomMask", {
  infer: ([key, start], { shape, rate }) => {
    randomInputs("randomMask", key, start);
    if (!(rate >= 0 && rate < 1)) {
      throw new ShapeError("randomMask", {
        got: `rate ${rate}`,
        want: "at least 0 and below 1",
        fix: "Give the share of the elements to drop.",
      });
    }
    return { shape, dtype: "f32" };
  },
  reference: ([key, start], { rate, stream }, shape) => {
    const [seed, epoch, step] = key.data as unknown as [number, number, number];
    const first = start.data[0]! * sizeOf(shape.slice(1));
    const threshold = keepThreshold(rate);
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const index = first + i;
      const words = philox([Math.floor(index / 4) >>> 0, step, stream, epoch], [seed, Purpose.dropout]);
      return words[index % 4]! >>> 8 >= threshold ? 1 / (1 - rate) : 0;
    });
  },
  // Its work is on integers.
  cost: () => ({ flops: 0 }),
});

/** The smallest 24-bit word that is kept: word / 2^24 >= rate, as a comparison of integers. */
export function keepThreshold(rate: number): number {
  return Math.ceil(rate * 0x1000000);
}
