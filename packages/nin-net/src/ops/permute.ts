import { ShapeError } from "../core/errors.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { defineOp, type Op } from "../graph/op.ts";

/**
 * Reorders the axes: axis i of y is axis `axes[i]` of x.
 *
 * @throws ShapeError if `axes` does not name every axis of x once
 * @see https://docs.pytorch.org/docs/stable/generated/torch.permute.html
 */
export const permute: Op<[x: Node], { readonly axes: readonly number[] }> = defineOp("permute", {
  infer: ([x], { axes }) => {
    const rank = x.shape.length;
    if (axes.length !== rank || !x.shape.every((_, axis) => axes.includes(axis))) {
      throw new ShapeError("permute", {
        got: `axes ${axes.join(", ")}`,
        want: `each of the ${rank} axes of x once`,
        fix: `Give 0 to ${rank - 1} in the order they should have.`,
      });
    }
    return { shape: axes.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  reference: ([x], { axes }, shape) => {
    const strides = stridesOf(x.shape);
    const outStrides = stridesOf(shape);
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const from = axes.reduce(
        (sum, axis, at) => sum + (Math.floor(i / outStrides[at]!) % shape[at]!) * strides[axis]!,
        0,
      );
      return x.data[from]!;
    });
  },
  gradient: ({ attrs: { axes }, dy }) => [
    () => permute(dy, { axes: axes.map((_, axis) => axes.indexOf(axis)) }),
  ],
  cost: () => ({ flops: 0 }),
  linear: true,
});

/** Elements between neighbours along each axis, row-major. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}
