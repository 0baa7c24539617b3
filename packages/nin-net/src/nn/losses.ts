/** Losses: what training makes small. */
import type { Node } from "../graph/node.ts";
import { meanClasses } from "../ops/composites/classes.ts";
import { crossEntropy as crossEntropyOp } from "../ops/cross-entropy.ts";
import { mul } from "../ops/mul.ts";
import { oneHot } from "../ops/one-hot.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";
import { scaleChannels } from "../ops/scale-channels.ts";

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

/** What {@link weightedCrossEntropy} weighs by. */
export interface ClassWeights {
  /** One for each class, [K]. */
  readonly weights: Node;
  /** Of all weights. */
  readonly sum: number;
  /** 0 up to, but without, 1; default 0. */
  readonly smoothing?: number | undefined;
}

/**
 * Cross-entropy in which each class has a weight, as PyTorch's `weight` with `reduction="none"`: with the smoothing s,
 * (1 - s) w[label] (-log p[label]) + s / K * (sum over k of w[k] (-log p[k])).
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function weightedCrossEntropy({ weights, sum, smoothing = 0 }: ClassWeights): Loss {
  return (logits, labels) => {
    const classes = logits.type.shape[1]!;
    const label = oneHot(labels, logits);
    // With c the cross-entropy, w the label's weight, x its score and m the mean weighted score; means, so times K.
    const weighted = definePointwise("weightedCrossEntropy", (c, w, x, m) =>
      c
        .mul(w)
        .mul(classes * (1 - smoothing))
        .add(c.add(x.mul(classes)).mul((smoothing * sum) / classes))
        .sub(m.mul(smoothing)),
    );
    const plain = definePointwise("weightedCrossEntropy", (c, w) => c.mul(w).mul(classes));
    const [c, w] = [crossEntropyOp(logits, labels), meanClasses(scaleChannels(label, weights))];
    if (smoothing === 0) return plain(c, w);
    return weighted(c, w, meanClasses(mul(logits, label)), meanClasses(scaleChannels(logits, weights)));
  };
}

/**
 * Weights that make up for classes of different sizes: images / (classes * images of the class), as scikit-learn's
 * `balanced`; 0 for a class without an image.
 *
 * @param labels - of the training images
 */
export function balancedWeights(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}
