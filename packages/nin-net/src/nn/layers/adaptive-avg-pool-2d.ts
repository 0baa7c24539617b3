import type { Node } from "../../graph/node.ts";
import { adaptiveAvgPool2d } from "../../ops/adaptive-avg-pool-2d.ts";
import { Layer } from "../layer.ts";
import { checkWhole, imageBatch } from "../layer-path.ts";

/**
 * Averages each channel over a grid of windows that covers the image; one window is global average pooling.
 *
 * [N, C, H, W] -> [N, C, height, width]
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends Layer {
  override readonly kind = "AdaptiveAvgPool2d";
  /** Of the result, in pixels. */
  readonly height: number;
  /** Of the result, in pixels. */
  readonly width: number;

  /**
   * @param outputSize - height and width of the result; one number for both
   * @throws ShapeError if a size is not a whole number of at least 1
   */
  constructor(outputSize: number | readonly [height: number, width: number]) {
    super();
    const [height, width] = typeof outputSize === "number" ? [outputSize, outputSize] : outputSize;
    this.height = checkWhole("AdaptiveAvgPool2d", "outputSize", height, 1);
    this.width = checkWhole("AdaptiveAvgPool2d", "outputSize", width, 1);
  }

  protected override get details(): string {
    return `outputSize=[${this.height}, ${this.width}]`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    imageBatch(where, shape);
  }

  override trace(x: Node): Node {
    return adaptiveAvgPool2d(x, { height: this.height, width: this.width });
  }
}
