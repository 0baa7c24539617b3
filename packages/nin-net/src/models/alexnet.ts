import * as z from "zod";
import { defaultSeed } from "../nn/initializers.ts";
import type { Layer } from "../nn/layer.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { ReLU } from "../nn/layers/relu.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { defineModel } from "./define-model.ts";
import { flattenedLength } from "./flattened-length.ts";
import { initialiseWeights } from "./initialise-weights.ts";

/** What may vary in {@link AlexNet}. */
export interface AlexNetOptions {
  /** 1 for grey images, the default. */
  readonly inChannels?: number | undefined;
  /** Default 10. */
  readonly classes?: number | undefined;
  /** Height and width of the images, the only ones that it takes; default 224 x 224. */
  readonly size?: readonly [height: number, width: number] | undefined;
  /** Share of the values dropped in training after each of the two large Linear layers; default 0.5. */
  readonly dropout?: number | undefined;
  /** Decides the initial weights; default 250. */
  readonly seed?: number | undefined;
}

/**
 * AlexNet: [N, inChannels, H, W] -> class scores [N, classes]; 46,764,746 parameters for 224 x 224 grey pixels, 10
 * classes.
 *
 * As d2l.ai's class, whose names the weights have (`net.0.weight`): the paper's layers in one stream, without its local
 * response normalization. Weights start Xavier-uniform.
 *
 * @see Krizhevsky, Sutskever & Hinton 2012, "ImageNet Classification with Deep Convolutional Neural Networks"
 * @see https://d2l.ai/chapter_convolutional-modern/alexnet.html
 */
export class AlexNet extends Sequential {
  override readonly kind = "AlexNet";

  /** @throws ShapeError if no window of the last pooling fits into images of this size */
  constructor(options: AlexNetOptions = {}) {
    const { inChannels = 1, classes = 10, size = [224, 224], dropout = 0.5, seed = defaultSeed } = options;
    const convolutions = [
      new Conv2d(inChannels, 96, 11, { stride: 4, padding: 1 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
      new Conv2d(96, 256, 5, { padding: 2 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
      new Conv2d(256, 384, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(384, 384, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(384, 256, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
    ];
    const features = flattenedLength("AlexNet", convolutions, [inChannels, ...size]);
    super(...convolutions, ...denseLayers(features, classes, dropout));
    initialiseWeights(this, "xavier", seed);
  }

  protected override get childPrefix(): string {
    return "net.";
  }
}

/** The end of AlexNet and VGG: [N, C, H, W] -> 4096 -> 4096 -> class scores [N, classes]. */
export function denseLayers(features: number, classes: number, dropout: number): Layer[] {
  return [
    new Flatten(),
    new Linear(features, 4096),
    new ReLU(),
    new Dropout(dropout),
    new Linear(4096, 4096),
    new ReLU(),
    new Dropout(dropout),
    new Linear(4096, classes),
  ];
}

/** The setting of {@link denseLayers}. */
export const denseDropout = z
  .number()
  .min(0)
  .lt(1)
  .default(0.5)
  .describe("share of the values dropped after each of the two large Linear layers");

/** {@link AlexNet}, for images of 224 pixels. */
export const alexnet = defineModel("alexnet", {
  title: "AlexNet",
  source: "Krizhevsky, Sutskever & Hinton 2012; d2l.ai, Deep Convolutional Neural Networks (AlexNet)",
  smallestInput: [65, 65],
  options: z.strictObject({
    dropout: denseDropout,
  }),
  recipe: { epochs: 10, batchSize: 128, lr: 0.01, resize: 224 },
  build: ({ channels, ...options }) => new AlexNet({ inChannels: channels, ...options }),
});
