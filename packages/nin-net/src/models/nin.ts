import * as z from "zod";
import { defaultSeed } from "../nn/initializers.ts";
import type { Layer } from "../nn/layer.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive-avg-pool-2d.ts";
import { BatchNorm2d } from "../nn/layers/batch-norm-2d.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { GroupNorm } from "../nn/layers/group-norm.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { ReLU } from "../nn/layers/relu.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { defineModel } from "./define-model.ts";
import { type Init, initialiseWeights, inits } from "./initialise-weights.ts";

/** What normalises the values between a convolution and its ReLU. */
export const norms = ["none", "batch", "group"] as const;
/** What normalises after each convolution. */
export type Norm = (typeof norms)[number];

/** What may vary in a {@link ninBlock} besides its sizes. */
export interface NinBlockOptions {
  /** `batch`: BatchNorm2d, `group`: GroupNorm, after each convolution; default `none`. */
  readonly norm?: Norm | undefined;
  /** Whether convolutions have biases; default true. */
  readonly bias?: boolean | undefined;
  /** Whether norm and ReLU follow the last convolution too; default true. */
  readonly lastRelu?: boolean | undefined;
}

/** Channels of the three convolutions of a block; one number for all. */
export type NinBlockChannels = number | readonly [first: number, second: number, third: number];

/**
 * A convolution, then two 1x1 convolutions that work as a small network on each pixel; a ReLU after each.
 *
 * [N, inChannels, H, W] -> [N, outChannels, OH, OW], OH = floor((H + 2 padding - kernelSize) / stride) + 1
 *
 * @see Lin, Chen & Yan 2013, "Network In Network", section 3.1 (arXiv:1312.4400)
 */
export function ninBlock(
  inChannels: number,
  outChannels: NinBlockChannels,
  kernelSize: number,
  stride: number,
  padding: number,
  { norm = "none", bias = true, lastRelu = true }: NinBlockOptions = {},
): Sequential {
  const [first, second, third] =
    typeof outChannels === "number" ? [outChannels, outChannels, outChannels] : outChannels;
  const activation = (channels: number): Layer[] => [...normLayers(norm, channels), new ReLU()];
  return new Sequential(
    new Conv2d(inChannels, first, kernelSize, { stride, padding, bias }),
    ...activation(first),
    new Conv2d(first, second, 1, { bias }),
    ...activation(second),
    new Conv2d(second, third, 1, { bias }),
    ...(lastRelu ? activation(third) : []),
  );
}

function normLayers(norm: Norm, channels: number): Layer[] {
  switch (norm) {
    case "none":
      return [];
    case "batch":
      return [new BatchNorm2d(channels)];
    case "group":
      return [new GroupNorm(mostGroups(channels), channels)];
    default:
      return norm satisfies never;
  }
}

/** Groups of at least 8 channels, at most 32 groups as in the paper. */
function mostGroups(channels: number): number {
  const most = Math.max(1, Math.min(32, Math.floor(channels / 8)));
  for (let groups = most; groups > 1; groups--) if (channels % groups === 0) return groups;
  return 1;
}

/** What may vary in {@link NinNet}. */
export interface NinNetOptions {
  /** 1 for grey images, the default. */
  readonly inChannels?: number | undefined;
  /** Default 10. */
  readonly classes?: number | undefined;
  /** Decides the initial weights; default 250. */
  readonly seed?: number | undefined;
  /** Share of the values dropped in training before the last block; default 0.5. */
  readonly dropout?: number | undefined;
  /** Default `none`, as published. */
  readonly norm?: Norm | undefined;
  /** Default `xavier`, the tutorial's. `data` is `he` until `initialiseByData` has scaled it by images. */
  readonly init?: Init | undefined;
  /** Whether a ReLU follows the class maps, as in the tutorial; default true. */
  readonly lastRelu?: boolean | undefined;
}

/**
 * Network in Network: [N, inChannels, H, W] -> class scores [N, classes]; H and W at least 67, made for 224.
 *
 * Weights start Xavier-uniform. Their names are those of the tutorial's PyTorch class (`model.0.0.weight`).
 *
 * @see Lin, Chen & Yan 2013, "Network In Network" (arXiv:1312.4400)
 * @see https://d2l.ai/chapter_convolutional-modern/nin.html
 */
export class NinNet extends Sequential {
  override readonly kind = "NinNet";

  constructor(options: NinNetOptions = {}) {
    const { inChannels = 1, classes = 10, seed = defaultSeed, dropout = 0.5 } = options;
    const { norm = "none", init = "xavier", lastRelu = true } = options;
    super(
      ninBlock(inChannels, 96, 11, 4, 0, { norm }),
      new MaxPool2d(3, { stride: 2 }),
      ninBlock(96, 256, 5, 1, 2, { norm }),
      new MaxPool2d(3, { stride: 2 }),
      ninBlock(256, 384, 3, 1, 1, { norm }),
      new MaxPool2d(3, { stride: 2 }),
      new Dropout(dropout),
      ninBlock(384, classes, 3, 1, 1, { norm, lastRelu }),
      new AdaptiveAvgPool2d([1, 1]),
      new Flatten(),
    );
    initialiseWeights(this, init, seed);
  }

  protected override get childPrefix(): string {
    return "model.";
  }
}

/** {@link NinNet}, the tutorial's, for images of 224 pixels. */
// Left out of pages that use the class alone, with the schema of its options.
export const nin = /* @__PURE__ */ defineModel("nin", {
  title: "Network in Network",
  source: "Lin, Chen & Yan 2013 (arXiv:1312.4400); d2l.ai, Network in Network (NiN)",
  smallestInput: [67, 67],
  get options() {
    return z.strictObject({
      dropout: z.number().min(0).lt(1).default(0.5).describe("share of the values dropped in training"),
      norm: z.enum(norms).default("none").describe("normalization after each convolution"),
      init: z.enum(inits).default("xavier").describe("how the weights start"),
      lastRelu: z.boolean().default(true).describe("a ReLU after the class maps"),
    });
  },
  recipe: { epochs: 10, batchSize: 128, lr: 0.1, resize: 224 },
  build: ({ channels, ...options }) => new NinNet({ inChannels: channels, ...options }),
});
