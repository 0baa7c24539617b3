import type { Node } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { sameShape } from "./check.ts";

/** a b, element by element; both of one shape. */
export const mul: Op<[a: Node, b: Node], NoAttrs> = defineOp("mul", {
  infer: ([a, b]) => sameShape("mul", a, b),
  reference: ([a, b]) => a.data.map((value, i) => value * b.data[i]!),
  gradient: ({ inputs: [a, b], dy }) => [() => mul(dy, b), () => mul(dy, a)],
  elementwise: true,
  linear: true,
});
