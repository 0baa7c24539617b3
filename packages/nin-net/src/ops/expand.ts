import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { exactShape, floats } from "./check.ts";
import { sumAll } from "./sum-all.ts";

/**
 * One number at every place of a tensor shaped like `like`, whose values do not matter.
 *
 * `like` is an input and not a shape, so that the result belongs to the same phase: there is one for each slice
 * where there is one `like` for each slice.
 *
 * s [1], like [...] -> y [...]
 */
export const expand: Op<[s: Node, like: Node], NoAttrs> = defineOp("expand", {
  infer: ([s, like]) => {
    floats("expand", s);
    exactShape("expand", "one number", s.shape, [1]);
    return { shape: like.shape, dtype: "f32" };
  },
  reference: ([s], _attrs, shape) => new Float64Array(sizeOf(shape)).fill(s.data[0]!),
  gradient: ({ dy }) => [() => sumAll(dy), null],
  cost: () => ({ flops: 0 }),
  linear: true,
});
