/** Checks that several ops share; each names the op that refuses. */
import { formatShape, ShapeError } from "../base/errors.ts";
import type { TensorType } from "../graph/node.ts";

/** The two types if their shapes are equal, as one. */
export function sameShape(op: string, a: TensorType, b: TensorType): TensorType {
  if (formatShape(a.shape) !== formatShape(b.shape)) {
    throw new ShapeError(op, {
      got: b.shape,
      want: `${formatShape(a.shape)}, the shape of the first input`,
      fix: "Give both inputs the same shape.",
    });
  }
  return a;
}

/** The four lengths of channels-last feature maps. */
export function nhwc(
  op: string,
  x: TensorType | readonly number[],
): [n: number, h: number, w: number, c: number] {
  const shape = "shape" in x ? x.shape : x;
  if (shape.length !== 4) {
    throw new ShapeError(op, { got: shape, want: "[N, H, W, C]", fix: "Give feature maps with four axes." });
  }
  return [...shape] as [number, number, number, number];
}
