import { ShapeError } from "../core/errors.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { floats, lastLength } from "./check.ts";
import { expand } from "./expand.ts";

/**
 * Adds one number a channel: y[..., c] = x[..., c] + b[c].
 *
 * x [..., C], b [C] -> y [..., C]
 *
 * @throws ShapeError if b does not hold one number a channel
 */
export const addBias = defineOp<[x: Node, b: Node]>("addBias", {
  infer: ([x, b]) => {
    floats("addBias", x, b);
    const channels = lastLength("addBias", x.shape);
    if (b.shape.length !== 1 || b.shape[0] !== channels) {
      throw new ShapeError("addBias", {
        got: b.shape,
        want: `[${channels}], one number a channel`,
        fix: "Give a bias as long as the last axis of x.",
      });
    }
    return x;
  },
  reference: ([x, b]) => x.data.map((value, i) => value + b.data[i % b.data.length]!),
  gradient: ({ dy }) => [() => dy, () => sumPixels(dy)],
  elementwise: true,
});

/**
 * Sums each channel over everything else: the gradient of a bias.
 *
 * x [..., C] -> y [C]
 */
export const sumPixels: Op<[x: Node], NoAttrs> = defineOp("sumPixels", {
  infer: ([x]) => {
    floats("sumPixels", x);
    return { shape: [lastLength("sumPixels", x.shape)], dtype: "f32" };
  },
  reference: ([x], _attrs, shape) => {
    const y = new Float64Array(sizeOf(shape));
    x.data.forEach((value, i) => {
      y[i % y.length]! += value;
    });
    return y;
  },
  gradient: ({ inputs: [x], dy }) => [() => (x.type.shape.length === 1 ? dy : expand(dy, x))],
  cost: ([x]) => ({ flops: sizeOf(x.shape) }),
  linear: true,
  sumsImages: true,
});
