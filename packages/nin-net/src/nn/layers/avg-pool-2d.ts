import type { Node } from "../../graph/node.ts";
import { avgPool2d } from "../../ops/avg-pool-2d.ts";
import { Pool2d, type Pool2dOptions } from "./pool-2d.ts";

/** The windows of {@link AvgPool2d}. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether the zeros of the padding count as pixels; what lies beyond the padding never does; default true. */
  readonly countIncludePad?: boolean | undefined;
}

/**
 * The mean of each window.
 *
 * [N, C, H, W] -> [N, C, OH, OW], OH = (H + 2 padding - kernelSize) / stride + 1, rounded down, or up with `ceilMode`
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends Pool2d {
  override readonly kind = "AvgPool2d";
  /** Whether padded zeros count as pixels of a window. */
  readonly countIncludePad: boolean;

  /** @throws ShapeError if a size is not a whole number, too small, or the padding too large */
  constructor(kernelSize: number, options: AvgPool2dOptions = {}) {
    super("AvgPool2d", kernelSize, options);
    this.countIncludePad = options.countIncludePad ?? true;
  }

  protected override get details(): string {
    return `${super.details}${this.countIncludePad ? "" : ", countIncludePad=false"}`;
  }

  override trace(x: Node): Node {
    const { kernelSize: kernel, stride, padding, ceilMode, countIncludePad } = this;
    return avgPool2d(x, { kernel, stride, padding, ceilMode, countIncludePad });
  }
}
