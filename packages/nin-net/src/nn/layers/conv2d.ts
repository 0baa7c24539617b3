import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { addBias } from "../../ops/add-bias.ts";
import { conv2d } from "../../ops/conv2d.ts";
import { newParameter } from "../initializers.ts";
import { Layer } from "../layer.ts";
import { checkWhole, checkWindow, imageBatch } from "../layer-path.ts";
import type { Parameter } from "../parameter.ts";
import type { TraceContext } from "../trace.ts";

/** The windows of {@link Conv2d}, and whether it has biases. */
export interface Conv2dOptions {
  /** Pixels between neighbouring windows; default 1. */
  readonly stride?: number | undefined;
  /** Zeros added on each side; default 0. */
  readonly padding?: number | undefined;
  /** Whether a learned number is added to each output channel; default true. */
  readonly bias?: boolean | undefined;
}

/**
 * Convolution of images with learned square kernels.
 *
 * [N, inChannels, H, W] -> [N, outChannels, OH, OW], OH = floor((H + 2 padding - kernelSize) / stride) + 1
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d extends Layer {
  override readonly kind = "Conv2d";
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the result. */
  readonly outChannels: number;
  /** Height and width of the kernels. */
  readonly kernelSize: number;
  /** Pixels between neighbouring windows. */
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: number;
  /** [outChannels, inChannels, kernelSize, kernelSize] */
  readonly weight: Parameter;
  /** [outChannels]; null without bias. */
  readonly bias: Parameter | null;

  /** @throws ShapeError if a size is not a whole number or too small */
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv2dOptions = {}) {
    super();
    this.inChannels = checkWhole("Conv2d", "inChannels", inChannels, 1);
    this.outChannels = checkWhole("Conv2d", "outChannels", outChannels, 1);
    this.kernelSize = checkWhole("Conv2d", "kernelSize", kernelSize, 1);
    this.stride = checkWhole("Conv2d", "stride", options.stride ?? 1, 1);
    this.padding = checkWhole("Conv2d", "padding", options.padding ?? 0, 0);
    const taps = kernelSize * kernelSize;
    const fan = { in: inChannels * taps, out: outChannels * taps };
    this.weight = newParameter("weight", [outChannels, inChannels, kernelSize, kernelSize], fan);
    this.bias = (options.bias ?? true) ? newParameter("bias", [outChannels], fan) : null;
  }

  override get parameters(): readonly Parameter[] {
    return this.bias === null ? [this.weight] : [this.weight, this.bias];
  }

  protected override get details(): string {
    const { inChannels, outChannels, kernelSize, stride, padding } = this;
    return (
      `${inChannels}, ${outChannels}, kernelSize=${kernelSize}, stride=${stride}` +
      `${padding > 0 ? `, padding=${padding}` : ""}${this.bias === null ? ", bias=false" : ""}`
    );
  }

  override checkInput(where: string, shape: readonly number[]): void {
    const [, c, h, w] = imageBatch(where, shape);
    if (c !== this.inChannels) {
      throw new ShapeError(where, {
        got: shape,
        want: `[N, ${this.inChannels}, H, W]`,
        fix: `Give images with as many channels as the layer takes, or make it with inChannels ${c}.`,
      });
    }
    checkWindow(where, shape, h, this);
    checkWindow(where, shape, w, this);
  }

  override trace(x: Node, context: TraceContext): Node {
    const y = conv2d(x, context.parameter(this.weight), { stride: this.stride, padding: this.padding });
    return this.bias === null ? y : addBias(y, context.parameter(this.bias));
  }
}
