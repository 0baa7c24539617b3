import { z } from "zod";
import { defaultSeed, initialiseXavier } from "../nn/initializers.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive-avg-pool-2d.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { ReLU } from "../nn/layers/relu.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { defineModel } from "./define-model.ts";

/**
 * A convolution, then two 1x1 convolutions that work as a small network on each pixel; a ReLU after each.
 *
 * [N, inChannels, H, W] -> [N, outChannels, OH, OW], OH = floor((H + 2 padding - kernelSize) / stride) + 1
 *
 * @see Lin, Chen & Yan 2013, "Network In Network", section 3.1 (arXiv:1312.4400)
 */
export function ninBlock(
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  stride: number,
  padding: number,
): Sequential {
  return new Sequential(
    new Conv2d(inChannels, outChannels, kernelSize, { stride, padding }),
    new ReLU(),
    new Conv2d(outChannels, outChannels, 1),
    new ReLU(),
    new Conv2d(outChannels, outChannels, 1),
    new ReLU(),
  );
}

export interface NinNetOptions {
  /** 1 for grey images, the default. */
  readonly inChannels?: number | undefined;
  /** Default 10. */
  readonly classes?: number | undefined;
  /** Decides the initial weights; default {@link defaultSeed}. */
  readonly seed?: number | undefined;
  /** Share of the values dropped in training before the last block; default 0.5. */
  readonly dropout?: number | undefined;
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

  constructor({ inChannels = 1, classes = 10, seed = defaultSeed, dropout = 0.5 }: NinNetOptions = {}) {
    super(
      ninBlock(inChannels, 96, 11, 4, 0),
      new MaxPool2d(3, { stride: 2 }),
      ninBlock(96, 256, 5, 1, 2),
      new MaxPool2d(3, { stride: 2 }),
      ninBlock(256, 384, 3, 1, 1),
      new MaxPool2d(3, { stride: 2 }),
      new Dropout(dropout),
      ninBlock(384, classes, 3, 1, 1),
      new AdaptiveAvgPool2d([1, 1]),
      new Flatten(),
    );
    initialiseXavier(
      this.namedParameters().map(([, parameter]) => parameter),
      seed,
    );
  }

  protected override get childPrefix(): string {
    return "model.";
  }
}

export const nin = defineModel("nin", {
  title: "Network in Network",
  source: "Lin, Chen & Yan 2013 (arXiv:1312.4400); d2l.ai, Network in Network (NiN)",
  smallestInput: [67, 67],
  options: z.strictObject({ dropout: z.number().min(0).lt(1).default(0.5) }),
  recipe: { epochs: 10, batchSize: 128, lr: 0.1, resize: 224 },
  build: ({ channels, classes, seed, dropout }) =>
    new NinNet({ inChannels: channels, classes, seed, dropout }),
});
