// What may help a network to learn: changes of a recipe, one at a time and together.

const plain = { name: "sgd", nesterov: false, weightDecay: 0, decayWeightsOnly: false };
const momentum = { ...plain, momentum: 0.9 };
/** Of all pixels of Fashion-MNIST's training images, as in its presets. */
const normalized = { mean: [0.286], std: [0.353] };

const dataDependent = { ...normalized, netOptions: { init: "data" } };
const sgd = { ...momentum, nesterov: true, weightDecay: 5e-4, decayWeightsOnly: true };
const muon = { name: "muon", momentum: 0.9, weightDecay: 0, vectorRate: 1, newtonSchulzSteps: 5 };

/** By name; `netOptions` are those of the network `nin`. */
const tutorial = {
  tutorial: {},
  "no last ReLU": { netOptions: { lastRelu: false } },
  "normalized inputs": normalized,
  "He initialization": { netOptions: { init: "he" } },
  "data-dependent initialization": dataDependent,
  "data-dependent initialization at 0.01": { ...dataDependent, lr: 0.01 },
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

/** By name; of the network `nin-small`. */
const fast = {
  fast: {},
  "SGD with Nesterov momentum at 0.15": { optimizer: sgd, lr: 0.15 },
  "3 Newton-Schulz steps": { optimizer: { ...muon, newtonSchulzSteps: 3 } },
  "2 epochs": { epochs: 2 },
  "4 epochs": { epochs: 4 },
  "rate 0.03": { lr: 0.03 },
  "rate 0.3": { lr: 0.3 },
  "batch 128": { batchSize: 128 },
  "no flips": { augment: [] },
  "no label smoothing": { labelSmoothing: 0 },
};

/** By name; of the same network, with the first block at every pixel and more channels, by larger batches. */
const wide = (widths, options) => ({ netOptions: { stride: 1, widths, ...options } });
const flipAndShift = { augment: [{ name: "flip" }, { name: "shift", pixels: 2 }] };
const large = {
  "96-192-384": { ...wide([96, 192, 384]), ...flipAndShift },
  "64-128-256": { ...wide([64, 128, 256]), ...flipAndShift },
  "48-96-192": { ...wide([48, 96, 192]), ...flipAndShift },
  "48-96-192 of depth 2": { ...wide([48, 96, 192], { depth: 2 }), ...flipAndShift },
  "64-128-256 with flips alone": wide([64, 128, 256]),
  "64-128-256 with erase 8": {
    ...wide([64, 128, 256]),
    augment: [...flipAndShift.augment, { name: "erase", pixels: 8 }],
  },
  "64-128-256 with dropout 0.3": { ...wide([64, 128, 256], { dropout: 0.3 }), ...flipAndShift },
  "64-128-256 with weight decay 0.05": {
    ...wide([64, 128, 256]),
    ...flipAndShift,
    optimizer: { ...muon, weightDecay: 0.05 },
  },
};

/** How many images share the statistics of a batch normalization, out of a batch of 128. */
const groups = Object.fromEntries([8, 16, 32, 64, 128].map((slice) => [`groups of ${slice}`, { slice }]));

/** Of each study. */
export const changes = { tutorial, groups, fast, large };
