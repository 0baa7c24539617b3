/** Losses: what training makes small. */
import type { Node } from "../graph/node.ts";
import { meanClasses } from "../ops/composites/classes.ts";
import { crossEntropy as crossEntropyOp } from "../ops/cross-entropy.ts";
import { mul } from "../ops/mul.ts";
import { oneHot } from "../ops/one-hot.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";

/**
 * A loss, as nodes of a graph. Training minimizes its mean over the batch; its gradients follow from the ops.
 *
 *     const squaredError: Loss = (logits, labels) => sumClasses(square(logits, ops.oneHot(labels, logits)));
 *
 * @param logits - class scores, [N, K]
 * @param labels - u8 or u32 [N], each below K
 * @returns the loss of each image, [N]
 */
export type Loss = (logits: Node, labels: Node) => Node;

/** Softmax cross-entropy in nats: log(sum over k of exp(logits[n, k])) - logits[n, labels[n]]. The default. */
export const crossEntropy: Loss = (logits, labels) => crossEntropyOp(logits, labels);

/**
 * Cross-entropy against labels of which a share is spread evenly over all classes, as PyTorch's `label_smoothing`.
 *
 * @param smoothing - 0 up to, but without, 1
 * @see Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision" (arXiv:1512.00567)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function smoothedCrossEntropy(smoothing: number): Loss {
  // With c the cross-entropy, x the label's score and m the mean score, (1 - s) c + s (c + x - m).
  const smoothed = definePointwise("smoothedCrossEntropy", (c, x, m) => c.add(x.sub(m).mul(smoothing)));
  return (logits, labels) => {
    const classes = logits.type.shape[1]!;
    const ofLabel = meanClasses(mul(logits, oneHot(labels, logits)));
    const times = definePointwise("times", (x) => x.mul(classes));
    return smoothed(crossEntropyOp(logits, labels), times(ofLabel), meanClasses(logits));
  };
}
