import type { Node } from "../graph/node.ts";
import { add } from "../ops/add.ts";
import { square } from "../ops/pointwise/arithmetic.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";
import { sumAll } from "../ops/sum-all.ts";

/**
 * Scales gradients down so that the norm of all together is at most `most`.
 *
 * @param most - undefined: any
 *
 * @see Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks" (arXiv:1211.5063)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradients(slopes: readonly Node[], most: number | undefined): readonly Node[] {
  if (most === undefined) return slopes;
  const squares = slopes.map((slope) => sumAll(square(slope))).reduce((sum, each) => add(sum, each));
  const rescaled = definePointwise("clipGradient", (g, sum) =>
    g.mul(sum.sqrt().add(1e-6).reciprocal().mul(most).min(1)),
  );
  return slopes.map((slope) => rescaled(slope, squares));
}
