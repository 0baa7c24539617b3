import * as z from "zod";
import { defaultSeed } from "../nn/initializers.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive-avg-pool-2d.ts";
import { AvgPool2d } from "../nn/layers/avg-pool-2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { defineModel } from "./define-model.ts";
import { initialiseWeights, inits } from "./initialise-weights.ts";
import { type NinNetOptions, ninBlock, norms } from "./nin.ts";

/** What may vary in {@link NinCifar}. */
export interface NinCifarOptions extends Omit<NinNetOptions, "inChannels" | "dropout"> {
  /** 3 for colour images, the default. */
  readonly inChannels?: number | undefined;
  /** Share of the values dropped in training after each pooling; default 0.5. */
  readonly dropout?: number | undefined;
}

/**
 * The paper's Network in Network for CIFAR-10: [N, inChannels, H, W] -> class scores [N, classes]; 966,986 parameters
 * for colour images and 10 classes.
 *
 * As the authors published it beside the paper: three mlpconv blocks of 192-160-96, 192-192-192 and 192-192-classes
 * channels; after the first a max pooling and after the second an average pooling, both 3x3 with stride 2, rounded up
 * (32 pixels become 16 and 8), with dropout behind. The paper's text has a max pooling in both places.
 *
 * @see Lin, Chen & Yan 2013, "Network In Network", section 4 (arXiv:1312.4400)
 */
export class NinCifar extends Sequential {
  override readonly kind = "NinCifar";

  constructor(options: NinCifarOptions = {}) {
    const { inChannels = 3, classes = 10, seed = defaultSeed, dropout = 0.5 } = options;
    const { norm = "none", init = "xavier", lastRelu = true } = options;
    super(
      ninBlock(inChannels, [192, 160, 96], 5, 1, 2, { norm }),
      new MaxPool2d(3, { stride: 2, ceilMode: true }),
      new Dropout(dropout),
      ninBlock(96, [192, 192, 192], 5, 1, 2, { norm }),
      new AvgPool2d(3, { stride: 2, ceilMode: true }),
      new Dropout(dropout),
      ninBlock(192, [192, 192, classes], 3, 1, 1, { norm, lastRelu }),
      new AdaptiveAvgPool2d([1, 1]),
      new Flatten(),
    );
    initialiseWeights(this, init, seed);
  }

  protected override get childPrefix(): string {
    return "model.";
  }
}

/** {@link NinCifar}, for images of 32 pixels. */
export const ninCifar = defineModel("nin-cifar", {
  title: "Network in Network for CIFAR-10",
  source: "Lin, Chen & Yan 2013 (arXiv:1312.4400), section 4, and the authors' configuration for Caffe",
  smallestInput: [4, 4],
  options: z.strictObject({
    dropout: z.number().min(0).lt(1).default(0.5).describe("share of the values dropped after each pooling"),
    norm: z.enum(norms).default("none").describe("normalization after each convolution"),
    init: z.enum(inits).default("xavier").describe("how the weights start"),
    lastRelu: z.boolean().default(true).describe("a ReLU after the class maps"),
  }),
  recipe: { epochs: 10, batchSize: 128, lr: 0.1, resize: null },
  build: ({ channels, ...options }) => new NinCifar({ inChannels: channels, ...options }),
});
