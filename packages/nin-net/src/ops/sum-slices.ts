import type { Node } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { floats } from "./check.ts";

/**
 * Adds a value over the slices of a batch; within one slice it changes nothing. Backends add slices in the order that
 * backends/slice-sums.ts says.
 *
 * x [...] of each slice -> y [...] of the whole batch
 */
export const sumSlices = defineOp<[x: Node]>("sumSlices", {
  infer: ([x]) => {
    floats("sumSlices", x);
    return x;
  },
  reference: ([x]) => x.data.slice(),
  // Every slice's share counts once.
  gradient: ({ dy }) => [() => dy],
  linear: true,
  sumsSlices: true,
});
