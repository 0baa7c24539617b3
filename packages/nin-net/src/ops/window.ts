/** What ops that slide a square window over an image share. */
import { ShapeError } from "../core/errors.ts";
import { wholeNumber } from "./check.ts";

/** How a window slides; both axes alike. */
export interface SlidingAttrs {
  /** Pixels between neighbouring windows, at least 1. */
  readonly stride: number;
  /** Pixels added on each side, at least 0. */
  readonly padding: number;
}

/**
 * Number of windows along one axis: floor((length + 2 padding - kernel) / stride) + 1.
 *
 * @throws ShapeError if the sizes are not whole numbers in range, or if no window fits
 */
export function windowCount(op: string, length: number, kernel: number, attrs: SlidingAttrs): number {
  const { stride, padding } = attrs;
  wholeNumber(op, "kernel", kernel, 1);
  wholeNumber(op, "stride", stride, 1);
  wholeNumber(op, "padding", padding, 0);
  if (length + 2 * padding < kernel) {
    throw new ShapeError(op, {
      got: `${length} pixels with padding ${padding}`,
      want: `at least ${kernel}, the kernel's size`,
      fix: "Use a larger image, a smaller kernel or more padding.",
    });
  }
  return Math.floor((length + 2 * padding - kernel) / stride) + 1;
}

/** Sizes that {@link eachTap} walks over. */
export interface WindowWalk extends SlidingAttrs {
  /** The windows: [N, OH, OW, ...]. */
  readonly windows: readonly number[];
  readonly kernel: number;
  /** Pixels of the image that the windows slide over. */
  readonly height: number;
  readonly width: number;
}

/**
 * Calls `visit` for every window and, in row-major order, every place in it that falls inside the image.
 *
 * `window` and `pixel` count over all images: (n OH + i) OW + j and (n H + row) W + column.
 */
export function eachTap(
  { windows, kernel, height, width, stride, padding }: WindowWalk,
  visit: (window: number, pixel: number, tap: number) => void,
): void {
  const [n, oh, ow] = windows as [number, number, number];
  for (let window = 0; window < n * oh * ow; window++) {
    const image = Math.floor(window / (oh * ow));
    const top = (Math.floor(window / ow) % oh) * stride - padding;
    const left = (window % ow) * stride - padding;
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const row = top + Math.floor(tap / kernel);
      const column = left + (tap % kernel);
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      visit(window, (image * height + row) * width + column, tap);
    }
  }
}
