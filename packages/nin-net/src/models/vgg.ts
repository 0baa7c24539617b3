import * as z from "zod";
import { defaultSeed } from "../nn/initializers.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { ReLU } from "../nn/layers/relu.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { type AlexNetOptions, denseDropout, denseLayers } from "./alexnet.ts";
import { defineModel } from "./define-model.ts";
import { flattenedLength } from "./flattened-length.ts";
import { initialiseWeights } from "./initialise-weights.ts";

/** Convolutions and channels of the five blocks of VGG-11. */
const vgg11 = [
  [1, 64],
  [1, 128],
  [2, 256],
  [2, 512],
  [2, 512],
] as const;

/** What may vary in {@link VGG}. */
export interface VGGOptions extends AlexNetOptions {
  /** What the channels of VGG-11 are divided by, 1 to 64; default 4. The full network has 1. */
  readonly ratio?: number | undefined;
}

/**
 * 3x3 convolutions, each followed by a ReLU, then a pooling that halves the image.
 *
 * [N, inChannels, H, W] -> [N, outChannels, floor(H / 2), floor(W / 2)]
 *
 * @see Simonyan & Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition", section 2.1
 */
export function vggBlock(convolutions: number, inChannels: number, outChannels: number): Sequential {
  const layers = Array.from({ length: convolutions }, (_, i) => [
    new Conv2d(i === 0 ? inChannels : outChannels, outChannels, 3, { padding: 1 }),
    new ReLU(),
  ]).flat();
  return new Sequential(...layers, new MaxPool2d(2));
}

/**
 * VGG-11: [N, inChannels, H, W] -> class scores [N, classes].
 *
 * As d2l.ai's class, whose names the weights have (`net.0.0.weight`), with its channels divided by 4 as in its
 * experiment; full with `ratio: 1`. Weights start Xavier-uniform.
 *
 * @see Simonyan & Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (arXiv:1409.1556)
 * @see https://d2l.ai/chapter_convolutional-modern/vgg.html
 */
export class VGG extends Sequential {
  override readonly kind = "VGG";

  /** @throws ShapeError if the images are too small to be halved five times */
  constructor(options: VGGOptions = {}) {
    const { inChannels = 1, classes = 10, size = [224, 224], dropout = 0.5, seed = defaultSeed } = options;
    const { ratio = 4 } = options;
    let channels = inChannels;
    const blocks = vgg11.map(([convolutions, full]) => {
      const block = vggBlock(convolutions, channels, Math.floor(full / ratio));
      channels = Math.floor(full / ratio);
      return block;
    });
    const features = flattenedLength("VGG", blocks, [inChannels, ...size]);
    super(...blocks, ...denseLayers(features, classes, dropout));
    initialiseWeights(this, "xavier", seed);
  }

  protected override get childPrefix(): string {
    return "net.";
  }
}

/** {@link VGG}, for images of 224 pixels. */
export const vgg = defineModel("vgg", {
  title: "VGG-11",
  source: "Simonyan & Zisserman 2014 (arXiv:1409.1556); d2l.ai, Networks Using Blocks (VGG)",
  smallestInput: [32, 32],
  options: z.strictObject({
    ratio: z
      .int("expected a whole number")
      .min(1)
      .max(64)
      .default(4)
      .describe("what the channels are divided by; 1 for the full network"),
    dropout: denseDropout,
  }),
  // The rate is that of d2l.ai's first edition, which the series follows; the second has 0.01.
  recipe: { epochs: 10, batchSize: 128, lr: 0.05, resize: 224 },
  build: ({ channels, ...options }) => new VGG({ inChannels: channels, ...options }),
});
