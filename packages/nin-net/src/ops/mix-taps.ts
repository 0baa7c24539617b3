import { ShapeError } from "../core/errors.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { floats, nhwc } from "./check.ts";

export interface MixTapsAttrs {
  /** [new taps, old taps], row by row. */
  readonly matrix: Float32Array | Float64Array;
  /** The new taps as rows and columns. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * Makes each tap of a kernel a weighted sum of the taps of another one, for each pair of channels alike.
 *
 * w [U, V, Cin, Cout] -> [rows, columns, Cin, Cout]
 */
export const mixTaps = defineOp<[w: Node], MixTapsAttrs>("mixTaps", {
  infer: ([w], { matrix, rows, columns }) => {
    floats("mixTaps", w);
    const [u, v, cin, cout] = nhwc("mixTaps", w);
    if (matrix.length !== rows * columns * u * v) {
      throw new ShapeError("mixTaps", {
        got: `a matrix of ${matrix.length} numbers`,
        want: `${rows * columns} x ${u * v}, new taps by old taps`,
        fix: "Give one row for each new tap.",
      });
    }
    return { shape: [rows, columns, cin, cout], dtype: "f32" };
  },
  reference: ([w], { matrix }, shape) => {
    const pairs = w.shape[2]! * w.shape[3]!;
    const taps = w.data.length / pairs;
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const row = Math.floor(i / pairs) * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += matrix[row + tap]! * w.data[tap * pairs + (i % pairs)]!;
      return sum;
    });
  },
  cost: ([w], _attrs, y) => ({ flops: 2 * sizeOf(y.shape) * w.shape[0]! * w.shape[1]! }),
  linear: true,
});
