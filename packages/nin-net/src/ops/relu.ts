import type { Node } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { floats, sameShape } from "./check.ts";

/**
 * max(x, 0), element by element; NaN stays NaN.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export const relu = defineOp<[x: Node]>("relu", {
  infer: ([x]) => {
    floats("relu", x);
    return x;
  },
  reference: ([x]) => x.data.map((value) => Math.max(value, 0)),
  gradient: ({ y, dy }) => [() => reluGrad(dy, y)],
  elementwise: true,
});

/** dy where y, the result of a ReLU, is above zero, else 0 (PyTorch takes the gradient at 0 as 0). */
export const reluGrad = defineOp<[dy: Node, y: Node]>("reluGrad", {
  infer: ([dy, y]) => sameShape("reluGrad", dy, y),
  reference: ([dy, y]) => dy.data.map((value, i) => (y.data[i]! > 0 ? value : 0)),
  elementwise: true,
  linear: true,
});
