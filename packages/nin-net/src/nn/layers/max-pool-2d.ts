import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { maxPool2d } from "../../ops/max-pool-2d.ts";
import { Layer } from "../layer.ts";
import { checkWhole, checkWindow, imageBatch } from "../layer-path.ts";

export interface MaxPool2dOptions {
  /** Pixels between neighbouring windows; default: the kernel's size. */
  readonly stride?: number | undefined;
  /** Pixels added on each side that never win; at most half the kernel's size; default 0. */
  readonly padding?: number | undefined;
}

/**
 * The largest value of each window.
 *
 * [N, C, H, W] -> [N, C, OH, OW], OH = floor((H + 2 padding - kernelSize) / stride) + 1
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends Layer {
  override readonly kind = "MaxPool2d";
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;

  /** @throws ShapeError if a size is not a whole number, too small, or the padding too large */
  constructor(kernelSize: number, options: MaxPool2dOptions = {}) {
    super();
    this.kernelSize = checkWhole("MaxPool2d", "kernelSize", kernelSize, 1);
    if (kernelSize > 16) {
      throw new ShapeError("MaxPool2d", {
        got: `kernelSize ${kernelSize}`,
        want: "at most 16",
        fix: "Pool twice with smaller kernels.",
      });
    }
    this.stride = checkWhole("MaxPool2d", "stride", options.stride ?? kernelSize, 1);
    this.padding = checkWhole("MaxPool2d", "padding", options.padding ?? 0, 0);
    if (this.padding * 2 > kernelSize) {
      throw new ShapeError("MaxPool2d", {
        got: `padding ${this.padding}`,
        want: `at most ${Math.floor(kernelSize / 2)}, half of kernelSize ${kernelSize}`,
        fix: "Use less padding: a window of padding alone has no largest value.",
      });
    }
  }

  protected override get details(): string {
    return `kernelSize=${this.kernelSize}, stride=${this.stride}, padding=${this.padding}`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    const [, , h, w] = imageBatch(where, shape);
    checkWindow(where, shape, h, this);
    checkWindow(where, shape, w, this);
  }

  override trace(x: Node): Node {
    return maxPool2d(x, { kernel: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}
