import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { sumPixels } from "../../ops/add-bias.ts";
import { definePointwise } from "../../ops/pointwise/pointwise.ts";
import { sumSlices } from "../../ops/sum-slices.ts";
import { constantInitializer, newParameter } from "../initializers.ts";
import { Layer } from "../layer.ts";
import { checkWhole, imageBatch } from "../layer-path.ts";
import { LayerBuffer, type Parameter } from "../parameter.ts";
import type { TraceContext } from "../trace.ts";

/** What may vary in {@link BatchNorm2d}. */
export interface BatchNorm2dOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number | undefined;
  /** Share of a batch's statistics in the running ones; default 0.1. */
  readonly momentum?: number | undefined;
  /** Whether each channel has a learned factor and shift; default true. */
  readonly affine?: boolean | undefined;
}

/** (x - mean) scale + shift; the mean a constant. */
const normalize = definePointwise("normalize", (x, mean, scale, shift) => x.sub(mean).mul(scale).add(shift), {
  constant: [1],
});
/** Of the distance from a mean; the mean a constant, since the mean distance is 0. */
const squaredDistance = definePointwise("squaredDistance", (x, mean) => x.sub(mean).mul(x.sub(mean)), {
  constant: [1],
});
/**
 * The bias, to the bit, with what the mean's gradient is. `normalize` takes its mean for a constant, so that a sum over
 * the pixels is saved: what they leave to the mean is -scale times what they leave to the bias.
 */
const shiftOf = definePointwise(
  "shift",
  (bias, mean, constant, scale) => bias.add(constant.sub(mean).mul(scale)),
  { constant: [2, 3] },
);
/** The same without a bias: 0. */
const shiftOfMean = definePointwise("shift", (mean, constant, scale) => constant.sub(mean).mul(scale), {
  constant: [1, 2],
});
const increment = definePointwise("increment", (count) => count.add(1));

/**
 * Normalises each channel to mean 0 and variance 1, then scales and shifts it: y = (x - mean) / sqrt(variance + eps)
 * weight + bias. [N, C, H, W] -> [N, C, H, W]
 *
 * In training, mean and variance are those of the images of a slice, "ghost batch normalisation" (Hoffer, Hubara &
 * Soudry 2017, arXiv:1705.08741); where a batch is one slice, they are PyTorch's. In evaluation they are the running
 * ones, to which every step adds `momentum` times the difference from the batch's, averaged over its images.
 *
 * @see Ioffe & Szegedy 2015, "Batch normalization" (arXiv:1502.03167)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 */
export class BatchNorm2d extends Layer {
  override readonly kind = "BatchNorm2d";
  /** Channels of the input. */
  readonly numFeatures: number;
  /** Added to the variance. */
  readonly eps: number;
  /** Share of a batch's statistics in the running ones. */
  readonly momentum: number;
  /** [numFeatures], at first 1; null without `affine`. */
  readonly weight: Parameter | null;
  /** [numFeatures], at first 0; null without `affine`. */
  readonly bias: Parameter | null;
  /** [numFeatures], at first 0. */
  readonly runningMean: LayerBuffer;
  /** [numFeatures], at first 1; of unbiased variances. */
  readonly runningVar: LayerBuffer;
  /** Training steps done, []. */
  readonly numBatchesTracked = new LayerBuffer("num_batches_tracked", []);

  /** @throws ShapeError if a setting is out of range */
  constructor(numFeatures: number, options: BatchNorm2dOptions = {}) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true } = options;
    this.numFeatures = checkWhole("BatchNorm2d", "numFeatures", numFeatures, 1);
    this.eps = checkShare("eps", eps);
    this.momentum = checkShare("momentum", momentum);
    const fan = { in: numFeatures, out: numFeatures };
    this.weight = affine ? newParameter("weight", [numFeatures], fan, constantInitializer(1)) : null;
    this.bias = affine ? newParameter("bias", [numFeatures], fan, constantInitializer(0)) : null;
    this.runningMean = new LayerBuffer("running_mean", [numFeatures]);
    this.runningVar = new LayerBuffer("running_var", [numFeatures], 1);
  }

  override get parameters(): readonly Parameter[] {
    return this.weight && this.bias ? [this.weight, this.bias] : [];
  }

  override get buffers(): readonly LayerBuffer[] {
    return [this.runningMean, this.runningVar, this.numBatchesTracked];
  }

  protected override get details(): string {
    const affine = this.weight ? "" : ", affine=false";
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}${affine}`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    const [, c] = imageBatch(where, shape);
    if (c === this.numFeatures) return;
    throw new ShapeError(where, {
      got: shape,
      want: `[N, ${this.numFeatures}, H, W]`,
      fix: `Give images with as many channels as the layer takes, or make it with numFeatures ${c}.`,
    });
  }

  override trace(x: Node, context: TraceContext): Node {
    if (context.mode === "eval") {
      return this.#finish(x, context.buffer(this.runningMean), context.buffer(this.runningVar), context);
    }
    const [images, height, width] = x.type.shape as [number, number, number, number];
    const pixels = images * height * width;
    const over = definePointwise("mean", (sum) => sum.mul(1 / pixels));
    const mean = over(sumPixels(x)); // [C]
    const variance = over(sumPixels(squaredDistance(x, mean))); // [C]
    this.#track(mean, variance, images, pixels, context);
    return this.#finish(x, mean, variance, context);
  }

  /** Subtracts the mean, divides by the standard deviation, scales and shifts. */
  #finish(x: Node, mean: Node, variance: Node, context: TraceContext): Node {
    const { eps } = this;
    if (this.weight === null || this.bias === null) {
      const scale = definePointwise("scale", (v) => v.add(eps).sqrt().reciprocal())(variance); // [C]
      return normalize(x, mean, scale, shiftOfMean(mean, mean, scale));
    }
    const scaleOf = definePointwise("scale", (w, v) => w.div(v.add(eps).sqrt()));
    const scale = scaleOf(context.parameter(this.weight), variance); // [C]
    return normalize(x, mean, scale, shiftOf(context.parameter(this.bias), mean, mean, scale));
  }

  /** Moves the running statistics towards the batch's: the slices' averaged by their images. */
  #track(mean: Node, variance: Node, images: number, pixels: number, context: TraceContext): void {
    const { momentum } = this;
    const weighted = definePointwise("weighted", (statistic) => statistic.mul(images));
    // Two pixels at least: of one there is no variance.
    const unbiased = definePointwise("unbiased", (v) => v.mul((images * pixels) / Math.max(1, pixels - 1)));
    // As many images as the slice has for each channel, whatever its mean.
    const count = sumSlices(definePointwise("images", (m) => m.equal(m).where(images, images))(mean));
    const moved = definePointwise("moved", (old, sum, n) => old.add(sum.div(n).sub(old).mul(momentum)));
    const { runningMean, runningVar, numBatchesTracked } = this;
    context.update(runningMean, moved(context.buffer(runningMean), sumSlices(weighted(mean)), count));
    context.update(runningVar, moved(context.buffer(runningVar), sumSlices(unbiased(variance)), count));
    context.update(numBatchesTracked, increment(context.buffer(numBatchesTracked)));
  }
}

function checkShare(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new ShapeError("BatchNorm2d", {
    got: `${name} ${value}`,
    want: "a number of 0 to 1",
    fix: `Pass a different ${name}.`,
  });
}
