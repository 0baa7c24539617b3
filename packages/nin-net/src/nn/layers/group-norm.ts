import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { adaptiveAvgPool2d } from "../../ops/adaptive-avg-pool-2d.ts";
import { square, subtract } from "../../ops/pointwise/arithmetic.ts";
import { definePointwise } from "../../ops/pointwise/pointwise.ts";
import { reshape } from "../../ops/reshape.ts";
import { constantInitializer, newParameter } from "../initializers.ts";
import { Layer } from "../layer.ts";
import { checkWhole, imageBatch } from "../layer-path.ts";
import type { Parameter } from "../parameter.ts";
import type { TraceContext } from "../trace.ts";

/** What may vary in {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number | undefined;
  /** Whether each channel has a learned factor and shift; default true. */
  readonly affine?: boolean | undefined;
}

/**
 * Normalises the channels of each image, group by group, to mean 0 and variance 1, then scales and shifts each channel.
 * The same in training and evaluation. [N, C, H, W] -> [N, C, H, W]
 *
 * @see Wu & He 2018, "Group normalization" (arXiv:1803.08494)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends Layer {
  override readonly kind = "GroupNorm";
  /** Groups that the channels are normalised in. */
  readonly numGroups: number;
  /** Channels of the input. */
  readonly numChannels: number;
  /** Added to the variance. */
  readonly eps: number;
  /** [numChannels], at first 1; null without `affine`. */
  readonly weight: Parameter | null;
  /** [numChannels], at first 0; null without `affine`. */
  readonly bias: Parameter | null;

  /** @throws ShapeError unless the groups divide the channels */
  constructor(numGroups: number, numChannels: number, { eps = 1e-5, affine = true }: GroupNormOptions = {}) {
    super();
    this.numGroups = checkWhole("GroupNorm", "numGroups", numGroups, 1);
    this.numChannels = checkWhole("GroupNorm", "numChannels", numChannels, 1);
    this.eps = eps;
    if (numChannels % numGroups !== 0) {
      throw new ShapeError("GroupNorm", {
        got: `${numChannels} channels in ${numGroups} groups`,
        want: "groups of one size",
        fix: "Pass a numGroups that divides numChannels.",
      });
    }
    const fan = { in: numChannels, out: numChannels };
    this.weight = affine ? newParameter("weight", [numChannels], fan, constantInitializer(1)) : null;
    this.bias = affine ? newParameter("bias", [numChannels], fan, constantInitializer(0)) : null;
  }

  override get parameters(): readonly Parameter[] {
    return this.weight && this.bias ? [this.weight, this.bias] : [];
  }

  protected override get details(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}${this.weight ? "" : ", affine=false"}`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    const [, c] = imageBatch(where, shape);
    if (c === this.numChannels) return;
    throw new ShapeError(where, {
      got: shape,
      want: `[N, ${this.numChannels}, H, W]`,
      fix: `Give images with as many channels as the layer takes, or make it with numChannels ${c}.`,
    });
  }

  override trace(x: Node, context: TraceContext): Node {
    const { eps } = this;
    const centred = subtract(x, this.#groupMeans(x));
    const variance = this.#groupMeans(square(centred));
    if (this.weight === null || this.bias === null) {
      return definePointwise("normalize", (c, v) => c.div(v.add(eps).sqrt()))(centred, variance);
    }
    const normalize = definePointwise("normalize", (c, v, w, b) => c.div(v.add(eps).sqrt()).mul(w).add(b));
    return normalize(centred, variance, context.parameter(this.weight), context.parameter(this.bias));
  }

  /** The mean of each image's groups, at every one of their elements: [N, H, W, C] -> [N, H, W, C]. */
  #groupMeans(x: Node): Node {
    const [n, height, width, channels] = x.type.shape as [number, number, number, number];
    const size = channels / this.numGroups;
    const ofChannels = adaptiveAvgPool2d(x, { height: 1, width: 1 }); // [N, 1, 1, C]
    const grouped = reshape(ofChannels, { shape: [n, this.numGroups, size, 1] });
    const ofGroups = adaptiveAvgPool2d(grouped, { height: this.numGroups, width: 1 }); // [N, G, 1, 1]
    // One pixel for each of many windows: copies.
    const spread = adaptiveAvgPool2d(ofGroups, { height: this.numGroups, width: size }); // [N, G, C / G, 1]
    return adaptiveAvgPool2d(reshape(spread, { shape: [n, 1, 1, channels] }), { height, width });
  }
}
