/**
 * Winograd's minimal filtering F(m, r): m outputs of a filter of r taps with n = m + r - 1 products instead of m r,
 *
 *   y = A^T [(G g) * (B^T d)],   * element by element,
 *
 * for n inputs d and the filter g. It is a product of polynomials evaluated at n - 1 points and infinity
 * (Toom-Cook), transposed. In two dimensions the same matrices act on rows and columns:
 *
 *   Y = A^T [(G g G^T) * (B^T d B)] A.
 *
 * Lavin & Gray 2015, "Fast algorithms for convolutional neural networks", sections 3 and 4 (arXiv:1509.09308).
 */

/** A matrix as its rows. */
export type Matrix = readonly (readonly number[])[];

export interface WinogradMatrices {
  /** n: length of an input tile. */
  readonly size: number;
  /** A^T, [m, n] */
  readonly outputs: Matrix;
  /** G, [n, r] */
  readonly weights: Matrix;
  /** B^T, [n, n] */
  readonly inputs: Matrix;
  /** The last finite point. */
  readonly lastPoint: number;
}

/** Small numbers and their inverses, so that float32 keeps its precision; infinity is the last point of all. */
const points = [0, 1, -1, 2, -2, 1 / 2, -1 / 2] as const;

/** The largest input tile there are points for. */
export const largestTile = points.length + 1;

/** Outputs a tile and taps of the filter, m and r, that the CPU has transforms for. */
export const winogradTiles = [
  [4, 5],
  [3, 3],
  [4, 3],
  [5, 3],
  [6, 3],
] as const;

/**
 * @param outputs - m, outputs a tile
 * @param taps - r, taps of the filter; m + r - 1 is at most {@link largestTile}
 */
export function winogradMatrices(outputs: number, taps: number): WinogradMatrices {
  const size = outputs + taps - 1;
  const finite = points.slice(0, size - 1);
  const others = (at: number) => finite.filter((point) => point !== at);
  const atInfinity = (length: number) => Array.from({ length }, (_, i) => (i === length - 1 ? 1 : 0));
  const powers = (at: number, length: number) => Array.from({ length }, (_, i) => at ** i);
  return {
    size,
    outputs: transpose([...finite.map((at) => powers(at, outputs)), atInfinity(outputs)]),
    weights: [
      ...finite.map((at) => {
        const norm = others(at).reduce((product, other) => product * (at - other), 1);
        return powers(at, taps).map((power) => power / norm);
      }),
      atInfinity(taps),
    ],
    inputs: [...finite.map((at) => [...polynomial(others(at)), 0]), polynomial(finite)],
    lastPoint: finite.at(-1)!,
  };
}

export function transpose(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}

/** Coefficients of the product of (x - root), constant first. */
function polynomial(roots: readonly number[]): number[] {
  let product = [1];
  for (const root of roots) {
    product = Array.from(
      { length: product.length + 1 },
      (_, i) => (product[i - 1] ?? 0) - root * (product[i] ?? 0),
    );
  }
  return product;
}

/** M X M^T for a square block X, [k, k] -> [rows, rows]. */
export function sandwich(matrix: Matrix, block: Float64Array): Float64Array {
  const rows = matrix.length;
  const length = matrix[0]!.length;
  const half = new Float64Array(rows * length); // M X
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < length; j++) {
      for (let k = 0; k < length; k++) half[i * length + j]! += matrix[i]![k]! * block[k * length + j]!;
    }
  }
  const result = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < length; k++) result[i * rows + j]! += half[i * length + k]! * matrix[j]![k]!;
    }
  }
  return result;
}
