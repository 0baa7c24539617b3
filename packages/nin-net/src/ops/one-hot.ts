import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { labelled } from "./cross-entropy.ts";

/**
 * 1 at the place of each image's label, else 0; as many classes as `logits` has, whose values do not matter.
 *
 * labels u8 or u32 [N], each below K, logits [N, K] -> y [N, K]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 */
export const oneHot = defineOp<[labels: Node, logits: Node]>("oneHot", {
  infer: ([labels, logits]) => {
    labelled("oneHot", logits, labels);
    return logits;
  },
  reference: ([labels], _attrs, shape) => {
    const y = new Float64Array(sizeOf(shape));
    labels.data.forEach((label, n) => {
      y[n * shape[1]! + label] = 1;
    });
    return y;
  },
  gradient: () => [null, null],
  cost: () => ({ flops: 0 }),
});
