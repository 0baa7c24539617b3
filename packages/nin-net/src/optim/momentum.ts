/** Momentum as PyTorch's SGD has it, without dampening. */
import { definePointwise } from "../ops/pointwise/pointwise.ts";

/** v = momentum v + g */
export const accumulated = definePointwise("momentum", (velocity, g, momentum) =>
  velocity.mul(momentum).add(g),
);

/** Nesterov's direction: g + momentum v, where the gradient is taken one step ahead along v. */
export const lookedAhead = definePointwise("nesterov", (g, velocity, momentum) =>
  g.add(velocity.mul(momentum)),
);
