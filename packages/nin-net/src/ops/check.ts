/** Checks that several ops share; each names the op that refuses. */
import { formatShape, ShapeError } from "../core/errors.ts";
import type { DType, TensorType } from "../graph/node.ts";

/** The two types if both are float32 and their shapes are equal, as one. */
export function sameShape(op: string, a: TensorType, b: TensorType): TensorType {
  floats(op, a, b);
  if (formatShape(a.shape) !== formatShape(b.shape)) {
    throw new ShapeError(op, {
      got: b.shape,
      want: `${formatShape(a.shape)}, the shape of the first input`,
      fix: "Give both inputs the same shape.",
    });
  }
  return a;
}

/** Refuses a shape other than `want`, which is the shape of `what`. */
export function exactShape(
  op: string,
  what: string,
  shape: readonly number[],
  want: readonly (number | string)[],
): void {
  if (formatShape(shape) === `[${want.join(", ")}]`) return;
  throw new ShapeError(op, {
    got: shape,
    want: `[${want.join(", ")}], the shape of ${what}`,
    fix: "Give inputs that belong together.",
  });
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

/** The number of channels: the length of the last axis. */
export function lastLength(op: string, shape: readonly number[]): number {
  const length = shape.at(-1);
  if (length === undefined) {
    throw new ShapeError(op, { got: shape, want: "[..., C]", fix: "Give a tensor with a channel axis." });
  }
  return length;
}

/** The two lengths of a batch of class scores. */
export function scores(op: string, x: TensorType): [n: number, classes: number] {
  if (x.shape.length !== 2) {
    throw new ShapeError(op, { got: x.shape, want: "[N, K]", fix: "Give one row of class scores an image." });
  }
  return [...x.shape] as [number, number];
}

/** Refuses inputs that do not hold float32 values. */
export function floats(op: string, ...types: readonly TensorType[]): void {
  for (const type of types) dtype(op, type, "f32");
}

/** Refuses an input of another element type. */
export function dtype(op: string, type: TensorType, want: DType): void {
  if (type.dtype === want) return;
  throw new ShapeError(op, {
    got: `${type.dtype} values`,
    want: `${want} values`,
    fix:
      want === "f32" && type.dtype === "u8"
        ? "Convert bytes with fromBytes."
        : `Give an input of type ${want}.`,
  });
}

/** Refuses an attribute that is not a whole number of at least `least`. */
export function wholeNumber(op: string, attribute: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ShapeError(op, {
    got: `${attribute} ${value}`,
    want: `a whole number of at least ${least}`,
    fix: `Give a ${attribute} that counts pixels.`,
  });
}

/** Refuses inputs other than what random numbers are drawn from: seed, epoch and step, and the index of the first image. */
export function randomInputs(op: string, key: TensorType, start: TensorType): void {
  dtype(op, key, "u32");
  dtype(op, start, "u32");
  exactShape(op, "seed, epoch and step", key.shape, [3]);
  exactShape(op, "the index of the first image", start.shape, [1]);
}
