import * as z from "zod";
import { defaultSeed } from "../nn/initializers.ts";
import { AvgPool2d } from "../nn/layers/avg-pool-2d.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { Sigmoid } from "../nn/layers/sigmoid.ts";
import { defineModel } from "./define-model.ts";
import { flattenedLength } from "./flattened-length.ts";
import { initialiseWeights } from "./initialise-weights.ts";

/** What may vary in {@link LeNet}. */
export interface LeNetOptions {
  /** 1 for grey images, the default. */
  readonly inChannels?: number | undefined;
  /** Default 10. */
  readonly classes?: number | undefined;
  /** Height and width of the images, the only ones that it takes; default 28 x 28. */
  readonly size?: readonly [height: number, width: number] | undefined;
  /** Decides the initial weights; default 250. */
  readonly seed?: number | undefined;
}

/**
 * LeNet: [N, inChannels, H, W] -> class scores [N, classes]; 61,706 parameters for 28 x 28 grey pixels, 10 classes.
 *
 * Two convolutions, each followed by a sigmoid and an average pooling, then three Linear layers. As d2l.ai's class,
 * whose names the weights have (`net.0.weight`), it departs from the paper: it pads images of 28 pixels to the paper's
 * 32, all of its feature maps are connected, and scores come of a Linear layer. Weights start Xavier-uniform.
 *
 * @see LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition"
 * @see https://d2l.ai/chapter_convolutional-neural-networks/lenet.html
 */
export class LeNet extends Sequential {
  override readonly kind = "LeNet";

  /** @throws ShapeError if no window of the last pooling fits into images of this size */
  constructor({ inChannels = 1, classes = 10, size = [28, 28], seed = defaultSeed }: LeNetOptions = {}) {
    const convolutions = [
      new Conv2d(inChannels, 6, 5, { padding: 2 }),
      new Sigmoid(),
      new AvgPool2d(2),
      new Conv2d(6, 16, 5),
      new Sigmoid(),
      new AvgPool2d(2),
    ];
    super(
      ...convolutions,
      new Flatten(),
      new Linear(flattenedLength("LeNet", convolutions, [inChannels, ...size]), 120),
      new Sigmoid(),
      new Linear(120, 84),
      new Sigmoid(),
      new Linear(84, classes),
    );
    initialiseWeights(this, "xavier", seed);
  }

  protected override get childPrefix(): string {
    return "net.";
  }
}

/** {@link LeNet}, for images of 28 pixels. */
export const lenet = defineModel("lenet", {
  title: "LeNet",
  source: "LeCun, Bottou, Bengio & Haffner 1998; d2l.ai, Convolutional Neural Networks (LeNet)",
  smallestInput: [12, 12],
  options: z.strictObject({}),
  recipe: { epochs: 10, batchSize: 256, lr: 0.9, resize: null },
  build: ({ channels, ...options }) => new LeNet({ inChannels: channels, ...options }),
});
