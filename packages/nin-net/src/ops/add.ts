import type { Node } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { sameShape } from "./check.ts";

/** a + b, element by element; both of one shape. */
export const add = defineOp<[a: Node, b: Node]>("add", {
  infer: ([a, b]) => sameShape("add", a, b),
  reference: ([a, b]) => a.data.map((value, i) => value + b.data[i]!),
  gradient: ({ dy }) => [() => dy, () => dy],
});
