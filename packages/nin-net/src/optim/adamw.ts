import * as z from "zod";
import { definePointwise } from "../ops/pointwise/pointwise.ts";
import { defineOptimizer, descended } from "./optimizer.ts";
import { decayWeightsOnly, isDecayed } from "./weight-decay.ts";

// 1 - beta is a number of its own: taken from a beta in float32, near 1, it would lose half of its digits.
const firstMoment = definePointwise("firstMoment", (m, g, beta, rest) => m.mul(beta).add(g.mul(rest)));
const secondMoment = definePointwise("secondMoment", (v, g, beta, rest) =>
  v.mul(beta).add(g.mul(g).mul(rest)),
);
/** m over the root of v, both freed of their bias towards the zeros that they start from. */
const direction = definePointwise("adamDirection", (m, v, correction1, correction2, eps) =>
  m.mul(correction1).div(v.mul(correction2).sqrt().add(eps)),
);
const decayedStep = definePointwise("adamwStep", (w, u, lr, keep) => w.mul(keep).sub(u.mul(lr)));

/**
 * Adam with decoupled weight decay, as PyTorch's AdamW: m and v are running means of the gradient and of its square;
 * w = (1 - lr weightDecay) w - lr m^ / (sqrt(v^) + eps), with m^ = m / (1 - beta1^t) and v^ = v / (1 - beta2^t).
 *
 * @see Loshchilov & Hutter 2019, "Decoupled weight decay regularization" (arXiv:1711.05101)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export const adamw = defineOptimizer("adamw", {
  title: "Adam with decoupled weight decay",
  settings: z.strictObject({
    beta1: z.number().min(0).lt(1).default(0.9).describe("share of the gradients' running mean that is kept"),
    beta2: z.number().min(0).lt(1).default(0.999).describe("the same of their squares"),
    eps: z.number().positive().default(1e-8).describe("added to the root of the squares' mean"),
    weightDecay: z
      .number()
      .min(0)
      .default(0.01)
      .describe("times the learning rate, the share of a weight that is lost"),
    decayWeightsOnly,
  }),
  stateNames: () => ["firstMoment", "secondMoment"],
  scalars: ({ beta1, beta2, eps, weightDecay }, { lr, step }) => ({
    lr,
    beta1,
    beta2,
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    eps,
    correction1: 1 / (1 - beta1 ** (step + 1)),
    correction2: 1 / (1 - beta2 ** (step + 1)),
    keep: 1 - lr * weightDecay,
  }),
  update: ({ weight, gradient, state, scalars }, settings) => {
    const m = firstMoment(state.firstMoment!, gradient, scalars.beta1!, scalars.rest1!);
    const v = secondMoment(state.secondMoment!, gradient, scalars.beta2!, scalars.rest2!);
    const u = direction(m, v, scalars.correction1!, scalars.correction2!, scalars.eps!);
    return {
      weight: isDecayed(weight, settings)
        ? decayedStep(weight, u, scalars.lr!, scalars.keep!)
        : descended(weight, u, scalars.lr!),
      state: { firstMoment: m, secondMoment: v },
    };
  },
});
