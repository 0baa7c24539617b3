import { type Node, sizeOf, type TensorType } from "../graph/node.ts";
import { defineOp, type ReferenceTensor } from "../graph/op.ts";
import { dtype, exactShape, floats, scores } from "./check.ts";

/**
 * Softmax cross-entropy of each image in nats: y[n] = log(sum over k of exp(logits[n, k])) - logits[n, labels[n]].
 *
 * logits [N, K], labels u8 or u32 [N], each below K -> y [N]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export const crossEntropy = defineOp<[logits: Node, labels: Node]>("crossEntropy", {
  infer: ([logits, labels]) => ({ shape: labelled("crossEntropy", logits, labels), dtype: "f32" }),
  reference: ([logits, labels]) => {
    const logProbabilities = logSoftmax(logits);
    const classes = logits.shape[1]!;
    return labels.data.map((label, n) => 0 - logProbabilities[n * classes + label]!);
  },
  gradient: ({ inputs: [logits, labels], dy }) => [() => crossEntropyGrad(logits, labels, dy), null],
  // Maximum, subtraction, exponential and addition for each score.
  cost: ([logits]) => ({ flops: 4 * sizeOf(logits.shape) }),
});

/**
 * The gradient of {@link crossEntropy}: dx[n, k] = dy[n] (softmax(logits[n])[k] - [k = labels[n]]).
 *
 * logits [N, K], labels u8 or u32 [N], dy [N] -> dx [N, K]
 */
export const crossEntropyGrad = defineOp<[logits: Node, labels: Node, dy: Node]>("crossEntropyGrad", {
  infer: ([logits, labels, dy]) => {
    floats("crossEntropyGrad", dy);
    exactShape("crossEntropyGrad", "the losses", dy.shape, labelled("crossEntropyGrad", logits, labels));
    return logits;
  },
  reference: ([logits, labels, dy]) => {
    const classes = logits.shape[1]!;
    return logSoftmax(logits).map((logProbability, i) => {
      const n = Math.floor(i / classes);
      const target = labels.data[n] === i % classes ? 1 : 0;
      return dy.data[n]! * (Math.exp(logProbability) - target);
    });
  },
  cost: ([logits]) => ({ flops: 6 * sizeOf(logits.shape) }),
});

/** Checks scores and their labels; the shape of one number an image. */
export function labelled(op: string, logits: TensorType, labels: TensorType): [number] {
  floats(op, logits);
  if (labels.dtype !== "u32") dtype(op, labels, "u8");
  const [n] = scores(op, logits);
  exactShape(op, "one label an image", labels.shape, [n]);
  return [n];
}

/** Row by row; the largest score is taken off first, so that no exponential overflows. */
function logSoftmax(logits: ReferenceTensor): Float64Array {
  const classes = logits.shape[1]!;
  const result = new Float64Array(logits.data.length);
  for (let start = 0; start < result.length; start += classes) {
    const row = logits.data.subarray(start, start + classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    row.forEach((value, k) => {
      result[start + k] = value - largest - Math.log(sum);
    });
  }
  return result;
}
