import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { maxPool2d } from "../../ops/max-pool-2d.ts";
import { Pool2d, type Pool2dOptions } from "./pool-2d.ts";

/** The windows of {@link MaxPool2d}. */
export type MaxPool2dOptions = Pool2dOptions;

/**
 * The largest value of each window; padding never wins.
 *
 * [N, C, H, W] -> [N, C, OH, OW], OH = (H + 2 padding - kernelSize) / stride + 1, rounded down, or up with `ceilMode`
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends Pool2d {
  override readonly kind = "MaxPool2d";

  /** @throws ShapeError if a size is not a whole number, too small or too large, or the padding too large */
  constructor(kernelSize: number, options: MaxPool2dOptions = {}) {
    super("MaxPool2d", kernelSize, options);
    if (kernelSize > 16) {
      throw new ShapeError("MaxPool2d", {
        got: `kernelSize ${kernelSize}`,
        want: "at most 16",
        fix: "Pool twice with smaller kernels.",
      });
    }
  }

  override trace(x: Node): Node {
    const { kernelSize: kernel, stride, padding, ceilMode } = this;
    return maxPool2d(x, { kernel, stride, padding, ceilMode });
  }
}
