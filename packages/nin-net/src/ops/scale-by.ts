import type { Node } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { exactShape, floats } from "./check.ts";
import { mul } from "./mul.ts";
import { sumAll } from "./sum-all.ts";

/**
 * s x: every element times one number.
 *
 * x [...], s [1] -> y [...]
 */
export const scaleBy: Op<[x: Node, s: Node], NoAttrs> = defineOp("scaleBy", {
  infer: ([x, s]) => {
    floats("scaleBy", x, s);
    exactShape("scaleBy", "one factor", s.shape, [1]);
    return x;
  },
  reference: ([x, s]) => x.data.map((value) => value * s.data[0]!),
  gradient: ({ inputs: [x, s], dy }) => [() => scaleBy(dy, s), () => sumAll(mul(dy, x))],
  elementwise: true,
  linear: true,
});
