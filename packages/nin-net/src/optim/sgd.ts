import * as z from "zod";
import { definePointwise } from "../ops/pointwise/pointwise.ts";
import { accumulated, lookedAhead } from "./momentum.ts";
import { defineOptimizer, descended } from "./optimizer.ts";
import { decayWeightsOnly, isDecayed } from "./weight-decay.ts";

const decayed = definePointwise("decayedGradient", (g, w, weightDecay) => g.add(w.mul(weightDecay)));

/**
 * Stochastic gradient descent as PyTorch's SGD (dampening 0): g = g + weightDecay w; v = momentum v + g;
 * w = w - lr (nesterov ? g + momentum v : v). Without momentum nothing is kept, and `nesterov` is refused as there.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 * @see Sutskever, Martens, Dahl & Hinton 2013, "On the importance of initialization and momentum in deep learning"
 */
export const sgd = defineOptimizer("sgd", {
  title: "stochastic gradient descent",
  settings: z
    .strictObject({
      momentum: z.number().min(0).lt(1).default(0).describe("of gradient descent; 0 is none"),
      nesterov: z.boolean().default(false).describe("look ahead along the momentum"),
      weightDecay: z.number().min(0).default(0).describe("share of a weight that is added to its gradient"),
      decayWeightsOnly,
    })
    .refine(({ nesterov, momentum }) => !nesterov || momentum > 0, {
      path: ["nesterov"],
      message: "expected a momentum beside it, along which to look ahead. Give one, or leave it out",
    }),
  stateNames: ({ momentum }) => (momentum > 0 ? ["momentum"] : []),
  scalars: ({ momentum, weightDecay }, { lr }) => ({
    lr,
    ...(momentum > 0 && { momentum }),
    ...(weightDecay > 0 && { weightDecay }),
  }),
  update: ({ weight, gradient, state, scalars }, settings) => {
    const { momentum, nesterov, weightDecay } = settings;
    const g =
      weightDecay > 0 && isDecayed(weight, settings)
        ? decayed(gradient, weight, scalars.weightDecay!)
        : gradient;
    if (momentum === 0) return { weight: descended(weight, g, scalars.lr!), state: {} };
    const velocity = accumulated(state.momentum!, g, scalars.momentum!);
    const direction = nesterov ? lookedAhead(g, velocity, scalars.momentum!) : velocity;
    return { weight: descended(weight, direction, scalars.lr!), state: { momentum: velocity } };
  },
});
