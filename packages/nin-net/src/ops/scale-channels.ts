import { ShapeError } from "../core/errors.ts";
import type { Node } from "../graph/node.ts";
import { defineOp, type NoAttrs, type Op } from "../graph/op.ts";
import { sumPixels } from "./add-bias.ts";
import { floats, lastLength } from "./check.ts";
import { mul } from "./mul.ts";

/**
 * Multiplies each channel by a number of its own: y[..., c] = x[..., c] s[c].
 *
 * x [..., C], s [C] -> y [..., C]
 *
 * @throws ShapeError if s does not hold one number a channel
 */
export const scaleChannels: Op<[x: Node, s: Node], NoAttrs> = defineOp("scaleChannels", {
  infer: ([x, s]) => {
    floats("scaleChannels", x, s);
    const channels = lastLength("scaleChannels", x.shape);
    if (s.shape.length !== 1 || s.shape[0] !== channels) {
      throw new ShapeError("scaleChannels", {
        got: s.shape,
        want: `[${channels}], one factor a channel`,
        fix: "Give as many factors as the last axis of x is long.",
      });
    }
    return x;
  },
  reference: ([x, s]) => x.data.map((value, i) => value * s.data[i % s.data.length]!),
  gradient: ({ inputs: [x, s], dy }) => [() => scaleChannels(dy, s), () => sumPixels(mul(dy, x))],
  elementwise: true,
  linear: true,
});
