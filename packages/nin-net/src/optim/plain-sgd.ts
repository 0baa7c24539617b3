import { descended, type Optimizer } from "./optimizer.ts";

/** What `sgd()` is, w = w - lr g, for training that names no optimiser: a page loads no schema of settings with it. */
export const plainSgd: Optimizer = {
  name: "sgd",
  settings: { momentum: 0, nesterov: false, weightDecay: 0, decayWeightsOnly: false },
  stateNames: [],
  scalars: ({ lr }) => ({ lr }),
  update: ({ weight, gradient, scalars }) => ({
    weight: descended(weight, gradient, scalars.lr!),
    state: {},
  }),
};
