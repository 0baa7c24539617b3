// What may help the tutorial's network to learn: changes of its recipe, one at a time and together.

const plain = { name: "sgd", nesterov: false, weightDecay: 0, decayWeightsOnly: false };
const momentum = { ...plain, momentum: 0.9 };
/** Of all pixels of Fashion-MNIST's training images, as in its presets. */
const normalized = { mean: [0.286], std: [0.353] };

/** By name; `netOptions` are those of the network `nin`. */
export const mends = {
  tutorial: {},
  "no last ReLU": { netOptions: { lastRelu: false } },
  "normalized inputs": normalized,
  "He initialization": { netOptions: { init: "he" } },
  "identity 1x1 (dirac)": { netOptions: { init: "dirac" } },
  "warm-up": { warmup: 1 },
  "rate 0.01": { lr: 0.01 },
  "rate 0.01 with momentum 0.9": { lr: 0.01, optimizer: momentum },
  "clipped to norm 1": { clip: 1 },
  "AdamW at 0.001": {
    lr: 0.001,
    optimizer: {
      name: "adamw",
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: 0.01,
      decayWeightsOnly: true,
    },
  },
  "batch norm": { netOptions: { norm: "batch" } },
  "group norm": { netOptions: { norm: "group" } },
  "all but a norm": {
    ...normalized,
    netOptions: { init: "he", lastRelu: false },
    optimizer: momentum,
    lr: 0.01,
    warmup: 1,
    clip: 1,
  },
  "group norm + He + normalized + no last ReLU": {
    ...normalized,
    netOptions: { norm: "group", init: "he", lastRelu: false },
  },
  "batch norm + He + normalized + no last ReLU": {
    ...normalized,
    netOptions: { norm: "batch", init: "he", lastRelu: false },
  },
};
