/** What ops that slide a square window over an image share. */
import { ShapeError } from "../core/errors.ts";
import type { TensorType } from "../graph/node.ts";
import { floats, nhwc, wholeNumber } from "./check.ts";

/** How a window slides; both axes alike. */
export interface SlidingAttrs {
  /** Pixels between neighbouring windows, at least 1. */
  readonly stride: number;
  /** Pixels added on each side, at least 0. */
  readonly padding: number;
}

/** How a pooling window slides; padding may be half the kernel at most, so that every window holds a pixel. */
export interface PoolAttrs extends SlidingAttrs {
  /** Pixels on each side of the window. */
  readonly kernel: number;
  /** Whether a last window that reaches beyond the padding counts too, PyTorch's `ceil_mode`; default false. */
  readonly ceilMode?: boolean | undefined;
}

/**
 * Number of windows along one axis: (length + 2 padding - kernel) / stride + 1, rounded down. With `ceilMode` it is
 * rounded up, but no window begins in the padding after the image.
 *
 * @throws ShapeError if the sizes are not whole numbers in range, or if no window fits
 */
export function windowCount(
  op: string,
  length: number,
  kernel: number,
  { stride, padding, ceilMode = false }: SlidingAttrs & Pick<PoolAttrs, "ceilMode">,
): number {
  wholeNumber(op, "kernel", kernel, 1);
  wholeNumber(op, "stride", stride, 1);
  wholeNumber(op, "padding", padding, 0);
  const mayMiss = ceilMode ? stride - 1 : 0;
  const spare = length + 2 * padding - kernel + mayMiss;
  if (spare < 0) {
    throw new ShapeError(op, {
      got: `${length} pixels with padding ${padding}`,
      want: ceilMode
        ? `at least ${kernel - mayMiss}, the kernel's size ${kernel} less stride ${stride} and one`
        : `at least ${kernel}, the kernel's size`,
      fix: "Use a larger image, a smaller kernel or more padding.",
    });
  }
  const count = Math.floor(spare / stride) + 1;
  return ceilMode && (count - 1) * stride >= length + padding ? count - 1 : count;
}

/**
 * The shape of pooled maps.
 *
 * @throws ShapeError as {@link windowCount}, and if the padding is more than half the kernel
 */
export function pooledShape(op: string, x: TensorType, attrs: PoolAttrs): number[] {
  floats(op, x);
  const [n, h, w, c] = nhwc(op, x);
  const { kernel, padding } = attrs;
  wholeNumber(op, "kernel", kernel, 1);
  if (padding > kernel / 2) {
    throw new ShapeError(op, {
      got: `padding ${padding}`,
      want: `at most ${Math.floor(kernel / 2)}, half of kernel ${kernel}`,
      fix: "Use less padding, so that every window holds a pixel.",
    });
  }
  return [n, windowCount(op, h, kernel, attrs), windowCount(op, w, kernel, attrs), c];
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

/** What a window covers along one axis. */
export interface WindowSpan {
  /** The first pixel of the image in it, and one past the last. */
  readonly start: number;
  readonly end: number;
  /** Pixels that an average over it is divided by; more than it holds where padding counts. */
  readonly size: number;
}

/**
 * Calls `visit` for every element of averages over windows and every element that they are taken over, with the share
 * that the second has in the first.
 *
 * @param whole - shape of what is averaged, [N, H, W, C]
 * @param rows - the windows along H
 * @param columns - the windows along W
 */
export function eachShare(
  whole: readonly number[],
  rows: readonly WindowSpan[],
  columns: readonly WindowSpan[],
  visit: (element: number, average: number, share: number) => void,
): void {
  const [n, h, w, channels] = whole as [number, number, number, number];
  for (let image = 0; image < n; image++) {
    rows.forEach((vertical, i) => {
      columns.forEach((horizontal, j) => {
        const average = ((image * rows.length + i) * columns.length + j) * channels;
        const share = 1 / (vertical.size * horizontal.size);
        for (let row = vertical.start; row < vertical.end; row++) {
          for (let column = horizontal.start; column < horizontal.end; column++) {
            const element = ((image * h + row) * w + column) * channels;
            for (let c = 0; c < channels; c++) visit(element + c, average + c, share);
          }
        }
      });
    });
  }
}
