import { ShapeError } from "../../core/errors.ts";
import { Layer } from "../layer.ts";
import { checkWhole, checkWindow, imageBatch } from "../layer-path.ts";

/** The windows of {@link MaxPool2d} and {@link AvgPool2d}. */
export interface Pool2dOptions {
  /** Pixels between neighbouring windows; default: the kernel's size. */
  readonly stride?: number | undefined;
  /** Pixels added on each side; at most half the kernel's size; default 0. */
  readonly padding?: number | undefined;
  /** Whether a last window that reaches beyond the padding counts too: OH is rounded up, not down; default false. */
  readonly ceilMode?: boolean | undefined;
}

/** A layer that makes one pixel of each window, channel by channel. */
export abstract class Pool2d extends Layer {
  /** Height and width of the windows. */
  readonly kernelSize: number;
  /** Pixels between neighbouring windows. */
  readonly stride: number;
  /** Pixels added on each side. */
  readonly padding: number;
  /** Whether a window that begins within the image but ends outside counts. */
  readonly ceilMode: boolean;

  /** @throws ShapeError if a size is not a whole number, too small, or the padding too large */
  constructor(kind: string, kernelSize: number, options: Pool2dOptions) {
    super();
    this.kernelSize = checkWhole(kind, "kernelSize", kernelSize, 1);
    this.stride = checkWhole(kind, "stride", options.stride ?? kernelSize, 1);
    this.padding = checkWhole(kind, "padding", options.padding ?? 0, 0);
    this.ceilMode = options.ceilMode ?? false;
    if (this.padding * 2 > kernelSize) {
      throw new ShapeError(kind, {
        got: `padding ${this.padding}`,
        want: `at most ${Math.floor(kernelSize / 2)}, half of kernelSize ${kernelSize}`,
        fix: "Use less padding, so that every window holds a pixel.",
      });
    }
  }

  protected override get details(): string {
    const ceil = this.ceilMode ? ", ceilMode=true" : "";
    return `kernelSize=${this.kernelSize}, stride=${this.stride}, padding=${this.padding}${ceil}`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    const [, , h, w] = imageBatch(where, shape);
    checkWindow(where, shape, h, this);
    checkWindow(where, shape, w, this);
  }
}
