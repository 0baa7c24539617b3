import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { labelled } from "./cross-entropy.ts";

/**
 * 1 where an image's largest score is that of its label, else 0; the first of equal scores counts as largest.
 *
 * logits [N, K], labels u8 or u32 [N] -> y [N]
 */
export const countCorrect = defineOp<[logits: Node, labels: Node]>("countCorrect", {
  infer: ([logits, labels]) => ({ shape: labelled("countCorrect", logits, labels), dtype: "f32" }),
  reference: ([logits, labels]) => {
    const classes = logits.shape[1]!;
    return labels.data.map((label, n) => {
      const row = logits.data.subarray(n * classes, (n + 1) * classes);
      const predicted = row.reduce((best, value, k) => (value > row[best]! ? k : best), 0);
      return predicted === label ? 1 : 0;
    });
  },
  cost: ([logits]) => ({ flops: sizeOf(logits.shape) }),
});
