import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { sumPixels } from "./add-bias.ts";
import { exactShape, floats } from "./check.ts";
import { sumAll } from "./sum-all.ts";

/**
 * One number, or one a channel, at every place of a tensor shaped like `like`, whose values do not matter.
 *
 * `like` is an input and not a shape, so that the result belongs to the same phase: there is one for each slice
 * where there is one `like` for each slice.
 *
 * s [1] or [C], like [..., C] -> y [..., C]
 */
export const expand: Op<[s: Node, like: Node], NoAttrs> = defineOp("expand", {
  infer: ([s, like]) => {
    floats("expand", s);
    const isChannels = like.shape.length > 1 && s.shape.length === 1 && s.shape[0] === like.shape.at(-1);
    if (!isChannels) exactShape("expand", "one number", s.shape, [1]);
    return { shape: like.shape, dtype: "f32" };
  },
  reference: ([s], _attrs, shape) =>
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => s.data[i % s.data.length]!),
  gradient: ({ inputs: [s], dy }) => [() => (s.type.shape[0] === 1 ? sumAll(dy) : sumPixels(dy)), null],
  cost: () => ({ flops: 0 }),
  linear: true,
});
