import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { floats } from "./check.ts";
import { expand } from "./expand.ts";

/** The sum of all elements: x [...] -> y [1]. */
export const sumAll: Op<[x: Node], NoAttrs> = defineOp("sumAll", {
  infer: ([x]) => {
    floats("sumAll", x);
    return { shape: [1], dtype: "f32" };
  },
  reference: ([x]) => Float64Array.of(x.data.reduce((sum, value) => sum + value, 0)),
  gradient: ({ inputs: [x], dy }) => [() => expand(dy, x)],
  cost: ([x]) => ({ flops: sizeOf(x.shape) }),
  linear: true,
  sumsImages: true,
});
