import * as z from "zod";
import { defaultSeed } from "../nn/initializers.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive-avg-pool-2d.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { defineModel } from "./define-model.ts";
import { type Init, initialiseWeights, inits } from "./initialise-weights.ts";
import { type NinNetOptions, type Norm, ninBlock, norms } from "./nin.ts";

/** What may vary in {@link SmallNin}. */
export interface SmallNinOptions extends Pick<NinNetOptions, "inChannels" | "classes" | "seed"> {
  /** Channels of the three stages; default 48, 96 and 192. */
  readonly widths?: readonly [number, number, number] | undefined;
  /** Of the first convolution, 2 or 1; default 2. With 1, the first stage sees every pixel and pooling follows it. */
  readonly stride?: number | undefined;
  /** Mlpconv blocks in each stage; default 1. */
  readonly depth?: number | undefined;
  /** Share of the values dropped in training before the class maps; default 0. */
  readonly dropout?: number | undefined;
  /** Default `batch`. */
  readonly norm?: Norm | undefined;
  /** Default `he`. `data` is `he` until `initialiseByData` has scaled it by images. */
  readonly init?: Init | undefined;
}

/**
 * Network in Network for images of 28 to 64 pixels: [N, inChannels, H, W] -> class scores [N, classes].
 *
 * Three stages of mlpconv blocks, by default of one each. Batch normalization and a ReLU follow each convolution; a 1x1
 * convolution makes a map of each class, 6x6 from 28x28, and the scores are the averages of these. No ReLU follows the
 * maps: none can be shut off.
 *
 * @see Lin, Chen & Yan 2013, "Network In Network" (arXiv:1312.4400)
 * @see Ioffe & Szegedy 2015, "Batch normalization" (arXiv:1502.03167)
 */
export class SmallNin extends Sequential {
  override readonly kind = "SmallNin";

  constructor(options: SmallNinOptions = {}) {
    const { inChannels = 1, classes = 10, seed = defaultSeed, widths = [48, 96, 192] } = options;
    const { stride = 2, depth = 1, dropout = 0, norm = "batch", init = "he" } = options;
    const [first, second, third] = widths;
    const block = { norm, bias: norm === "none" };
    const deeper = (channels: number) =>
      Array.from({ length: depth - 1 }, () => ninBlock(channels, channels, 3, 1, 1, block));
    super(
      ninBlock(inChannels, first, 5, stride, 2, block),
      ...deeper(first),
      ...(stride === 1 ? [new MaxPool2d(3, { stride: 2, padding: 1 })] : []),
      ninBlock(first, second, 3, 1, 1, block),
      ...deeper(second),
      new MaxPool2d(3, { stride: 2 }),
      ninBlock(second, third, 3, 1, 1, block),
      ...deeper(third),
      new Dropout(dropout),
      new Conv2d(third, classes, 1),
      new AdaptiveAvgPool2d([1, 1]),
      new Flatten(),
    );
    initialiseWeights(this, init, seed);
  }

  protected override get childPrefix(): string {
    return "model.";
  }
}

const width = z.int().min(1);

/** {@link SmallNin}, for images of 28 to 64 pixels. */
export const ninSmall = defineModel("nin-small", {
  title: "Small Network in Network",
  source: "Lin, Chen & Yan 2013 (arXiv:1312.4400), with batch normalization",
  smallestInput: [5, 5],
  options: z.strictObject({
    widths: z
      .tuple([width, width, width], { error: "expected three whole numbers, such as 48,96,192" })
      .default([48, 96, 192])
      .describe("channels of the three stages"),
    stride: z
      .int()
      .min(1)
      .max(2)
      .default(2)
      .describe("of the first convolution; with 1, pooling follows the first stage"),
    depth: z.int().min(1).default(1).describe("mlpconv blocks in each stage"),
    dropout: z.number().min(0).lt(1).default(0).describe("share of the values dropped before the class maps"),
    norm: z.enum(norms).default("batch").describe("normalization after each convolution"),
    init: z.enum(inits).default("he").describe("how the weights start"),
  }),
  recipe: { epochs: 3, batchSize: 64, lr: 0.15, resize: null },
  build: ({ channels, ...options }) => new SmallNin({ inChannels: channels, ...options }),
});
