import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { adaptiveAvgPool2d } from "../../ops/adaptive-avg-pool-2d.ts";
import { Layer } from "../layer.ts";
import { checkWhole, imageBatch } from "../layer-path.ts";

/**
 * The mean of each window; windows lie side by side and fill the image.
 *
 * [N, C, H, W] -> [N, C, H / kernelSize, W / kernelSize]
 *
 * PyTorch's AvgPool2d also has strides of its own, padding and windows that do not fill the image; this one does not.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends Layer {
  override readonly kind = "AvgPool2d";
  readonly kernelSize: number;

  /** @throws ShapeError if the size is not a whole number of at least 1 */
  constructor(kernelSize: number) {
    super();
    this.kernelSize = checkWhole("AvgPool2d", "kernelSize", kernelSize, 1);
  }

  /** Pixels between neighbouring windows. */
  get stride(): number {
    return this.kernelSize;
  }

  protected override get details(): string {
    return `kernelSize=${this.kernelSize}, stride=${this.stride}`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    const [, , h, w] = imageBatch(where, shape);
    const { kernelSize } = this;
    if (h % kernelSize === 0 && w % kernelSize === 0) return;
    throw new ShapeError(where, {
      got: shape,
      want: `height and width that are multiples of ${kernelSize}, the kernel's size`,
      fix: "Resize the images, or use AdaptiveAvgPool2d.",
    });
  }

  override trace(x: Node): Node {
    const [, height, width] = x.type.shape as [number, number, number, number];
    return adaptiveAvgPool2d(x, { height: height / this.kernelSize, width: width / this.kernelSize });
  }
}
