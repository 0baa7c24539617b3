import { ShapeError } from "../../core/errors.ts";
import type { Node, OpNode } from "../../graph/node.ts";
import { conv2d } from "../conv2d.ts";
import { reshape } from "../reshape.ts";

/**
 * A matrix product, as a 1x1 convolution of one-pixel images.
 *
 * x [N, I], w [I, O] -> y [N, O]
 *
 * @throws ShapeError if the inner lengths differ
 */
export function linear(x: Node, w: Node): OpNode {
  const [n, features] = matrix(x.type.shape, "[N, I]");
  const [inputs, outputs] = matrix(w.type.shape, "[I, O] for the weights");
  if (features !== inputs) {
    throw new ShapeError("linear", {
      got: x.type.shape,
      want: `[N, ${inputs}], since the weights take ${inputs} features`,
      fix: "Give the input as many features as the weights take.",
    });
  }
  const y = conv2d(reshape(x, { shape: [n, 1, 1, inputs] }), reshape(w, { shape: [1, 1, inputs, outputs] }), {
    stride: 1,
    padding: 0,
  }); // [N, 1, 1, O]
  return reshape(y, { shape: [n, outputs] });
}

function matrix(shape: readonly number[], want: string): [number, number] {
  if (shape.length !== 2) {
    throw new ShapeError("linear", { got: shape, want, fix: "Give a matrix with two axes." });
  }
  return [...shape] as [number, number];
}
