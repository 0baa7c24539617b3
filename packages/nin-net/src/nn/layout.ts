/**
 * The engine keeps images channels last, [N, H, W, C], and weights [K, K, Cin, Cout] or [in, out]; the public
 * side speaks PyTorch's [N, C, H, W], [Cout, Cin, K, K] and [out, in]. Only this file converts.
 */

/** PyTorch axes in the engine's order, by rank; other ranks (biases) are the same on both sides. */
const weightAxes: Readonly<Record<number, readonly number[]>> = { 2: [1, 0], 4: [2, 3, 1, 0] };
const activationAxes: Readonly<Record<number, readonly number[]>> = { 4: [0, 2, 3, 1] };

/** [Cout, Cin, K, K] -> [K, K, Cin, Cout]; [out, in] -> [in, out]; [n] stays. */
export function weightShapeToEngine(shape: readonly number[]): readonly number[] {
  return reorder(shape, weightAxes[shape.length]);
}

/** @param shape - PyTorch's */
export function weightToEngine(shape: readonly number[], data: Float32Array): Float32Array {
  return permuted(shape, data, weightAxes[shape.length]);
}

/** @param shape - PyTorch's, the shape of the result */
export function weightFromEngine(shape: readonly number[], data: Float32Array): Float32Array {
  return permutedBack(shape, data, weightAxes[shape.length]);
}

/** [N, C, H, W] -> [N, H, W, C]; other ranks stay. */
export function activationShapeToEngine(shape: readonly number[]): readonly number[] {
  return reorder(shape, activationAxes[shape.length]);
}

/** [N, H, W, C] -> [N, C, H, W]; other ranks stay. */
export function activationShapeFromEngine(shape: readonly number[]): number[] {
  const axes = activationAxes[shape.length];
  const result = [...shape];
  axes?.forEach((axis, i) => {
    result[axis] = shape[i]!;
  });
  return result;
}

/** @param shape - PyTorch's */
export function activationToEngine(shape: readonly number[], data: Float32Array): Float32Array {
  return permuted(shape, data, activationAxes[shape.length]);
}

/**
 * Values [N, H, W, C] in the order [N, C, H, W]; of other ranks as they are.
 *
 * @param shape - PyTorch's, the shape of the result
 */
export function activationFromEngine(shape: readonly number[], data: Float32Array): Float32Array {
  return permutedBack(shape, data, activationAxes[shape.length]);
}

function reorder(shape: readonly number[], axes: readonly number[] | undefined): readonly number[] {
  return axes === undefined ? shape : axes.map((axis) => shape[axis]!);
}

/** A copy of `data` with its axes in the order `axes`. */
function permuted(
  shape: readonly number[],
  data: Float32Array,
  axes: readonly number[] | undefined,
): Float32Array {
  if (axes === undefined) return data.slice();
  const result = new Float32Array(data.length);
  eachPair(shape, axes, (from, to) => {
    result[to] = data[from]!;
  });
  return result;
}

/** Undoes {@link permuted}. */
function permutedBack(
  shape: readonly number[],
  data: Float32Array,
  axes: readonly number[] | undefined,
): Float32Array {
  if (axes === undefined) return data.slice();
  const result = new Float32Array(data.length);
  eachPair(shape, axes, (from, to) => {
    result[from] = data[to]!;
  });
  return result;
}

/** Calls `visit` with every element's place in `shape` and its place after the axes were reordered. */
function eachPair(
  shape: readonly number[],
  axes: readonly number[],
  visit: (from: number, to: number) => void,
): void {
  // Lengths and strides of the reordered axes, filled up to rank 4 with axes of length 1 in front.
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, length) => size * length, 1));
  const front = new Array<number>(4 - axes.length).fill(0);
  const [a, b, c, d] = [...front.map(() => 1), ...axes.map((axis) => shape[axis]!)] as Four;
  const [sa, sb, sc, sd] = [...front, ...axes.map((axis) => strides[axis]!)] as Four;
  let to = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        const row = i * sa + j * sb + k * sc;
        for (let l = 0; l < d; l++) visit(row + l * sd, to++);
      }
    }
  }
}

type Four = [number, number, number, number];
