import { formatShape, ShapeError } from "../core/errors.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp, type Op } from "../graph/op.ts";

/**
 * The same elements in the same order under another shape.
 *
 * x [...] -> y [...shape]
 *
 * @throws ShapeError if the number of elements would change
 */
export const reshape: Op<[x: Node], { readonly shape: readonly number[] }> = defineOp("reshape", {
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError("reshape", {
        got: x.shape,
        want: `${sizeOf(shape)} elements, as ${formatShape(shape)} has`,
        fix: "Ask for a shape with as many elements as x.",
      });
    }
    return { shape, dtype: x.dtype };
  },
  reference: ([x]) => x.data.slice(),
  gradient: ({ inputs: [x], dy }) => [() => reshape(dy, { shape: x.type.shape })],
  cost: () => ({ flops: 0 }),
  linear: true,
  isView: true,
});
