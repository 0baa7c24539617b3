import type { RgbPicture } from "./shrink.ts";

/** The median of each 3x3 pixels, by channel; beyond an edge its pixels go on. */
export function medianOf3x3({ width, height, data }: RgbPicture): Uint8Array {
  const result = new Uint8Array(data.length);
  const stride = width * 3;
  // Of each three levels in a column. The median of nine is that of the highest low, the middle middle, the lowest high.
  const low = new Uint8Array(stride);
  const middle = new Uint8Array(stride);
  const high = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    const above = y === 0 ? row : row - stride;
    const below = y === height - 1 ? row : row + stride;
    for (let i = 0; i < stride; i++) {
      const a = data[above + i]!;
      const b = data[row + i]!;
      const c = data[below + i]!;
      low[i] = Math.min(a, b, c);
      middle[i] = median(a, b, c);
      high[i] = Math.max(a, b, c);
    }
    for (let i = 0; i < stride; i++) {
      const left = i < 3 ? i : i - 3;
      const right = i >= stride - 3 ? i : i + 3;
      result[row + i] = median(
        Math.max(low[left]!, low[i]!, low[right]!),
        median(middle[left]!, middle[i]!, middle[right]!),
        Math.min(high[left]!, high[i]!, high[right]!),
      );
    }
  }
  return result;
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
