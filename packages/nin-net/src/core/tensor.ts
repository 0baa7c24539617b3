import { formatShape, ShapeError } from "./errors.ts";
import { Purpose, RandomStream } from "./random.ts";

/** Values in PyTorch's order: images are [N, C, H, W], row-major. */
export interface TensorLike {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Row-major, as many values as the shape has elements. */
  readonly data: Float32Array;
}

/** A dense float32 tensor in the caller's memory, in PyTorch's order. */
export class Tensor implements TensorLike {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Row-major, as many values as the shape has elements. */
  readonly data: Float32Array;

  /**
   * @param shape - whole numbers, at least 0 each
   * @param data - the values, row-major; kept, not copied
   * @throws ShapeError if the lengths do not match
   */
  constructor(shape: readonly number[], data: Float32Array) {
    const size = checkedSize(shape);
    if (data.length !== size) {
      throw new ShapeError("Tensor", {
        got: `${data.length} values for shape ${formatShape(shape)}`,
        want: `${size} values`,
        fix: "Give as many values as the shape has elements.",
      });
    }
    this.shape = [...shape];
    this.data = data;
  }

  /** All values 0. */
  static zeros(shape: readonly number[]): Tensor {
    return new Tensor(shape, new Float32Array(checkedSize(shape)));
  }

  /** Uniform in [0, 1); the same values for the same seed. */
  static random(shape: readonly number[], seed = 0): Tensor {
    const stream = new RandomStream(seed, Purpose.draw);
    return new Tensor(
      shape,
      Float32Array.from({ length: checkedSize(shape) }, (_, i) => stream.uniform(i)),
    );
  }

  /**
   * The same values, not copied, under another shape.
   *
   * @throws ShapeError if the number of elements differs
   */
  reshape(shape: readonly number[]): Tensor {
    if (checkedSize(shape) !== this.data.length) {
      throw new ShapeError("Tensor.reshape", {
        got: shape,
        want: `a shape of ${this.data.length} elements, as ${formatShape(this.shape)} has`,
        fix: "Choose lengths whose product is the number of elements.",
      });
    }
    return new Tensor(shape, this.data);
  }
}

function checkedSize(shape: readonly number[]): number {
  if (shape.some((length) => !Number.isSafeInteger(length) || length < 0)) {
    throw new ShapeError("Tensor", {
      got: shape,
      want: "whole numbers of at least 0",
      fix: "Check the sizes that the shape was made from.",
    });
  }
  return shape.reduce((size, length) => size * length, 1);
}
