/** A small grey canvas that polygons with soft edges are painted on. */
import { mnistImage } from "../formats/mnist-files.ts";

/** A place in pixels from the canvas's middle, x to the right, y down. */
export type Point = readonly [x: number, y: number];

/** Lines scanned in each row of pixels; along the line, coverage is exact. */
const linesPerPixel = 4;

/** Pixels on each side. */
export const canvasSize = mnistImage.height;

/** A square canvas of grey values, 0 at first. */
export class Canvas {
  readonly values = new Float32Array(canvasSize * canvasSize);

  /** Paints a polygon over what is there, in proportion to how much of each pixel it covers (even-odd rule). */
  fill(outline: readonly Point[], value: number): void {
    const middle = canvasSize / 2;
    const coverage = new Float32Array(canvasSize);
    const heights = outline.map(([, y]) => y);
    const first = Math.max(Math.floor(Math.min(...heights) + middle), 0);
    const last = Math.min(Math.ceil(Math.max(...heights) + middle), canvasSize);
    for (let row = first; row < last; row++) {
      coverage.fill(0);
      for (let line = 0; line < linesPerPixel; line++) {
        const crossings = crossingsAt(outline, row + (line + 0.5) / linesPerPixel - middle);
        for (let i = 0; i + 1 < crossings.length; i += 2) {
          cover(coverage, crossings[i]! + middle, crossings[i + 1]! + middle);
        }
      }
      for (let column = 0; column < canvasSize; column++) {
        const share = coverage[column]! / linesPerPixel;
        const at = row * canvasSize + column;
        this.values[at]! += (value - this.values[at]!) * share;
      }
    }
  }
}

/** Where a horizontal line crosses an outline, from left to right. */
function crossingsAt(outline: readonly Point[], y: number): number[] {
  const crossings: number[] = [];
  let [x0, y0] = outline.at(-1)!;
  for (const [x1, y1] of outline) {
    if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    [x0, y0] = [x1, y1];
  }
  return crossings.sort((a, b) => a - b);
}

/** Adds the part of each pixel between two places on a line. */
function cover(coverage: Float32Array, left: number, right: number): void {
  const last = Math.min(Math.ceil(right), coverage.length);
  for (let column = Math.max(Math.floor(left), 0); column < last; column++) {
    coverage[column]! += Math.min(right, column + 1) - Math.max(left, column);
  }
}
