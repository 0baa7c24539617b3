import type { Node } from "../../graph/node.ts";
import { conv2dWeightGrad } from "../conv2d.ts";
import { reshape } from "../reshape.ts";

/** The products of all pairs of columns: x [N, C] -> x'x [C, C], as a weight gradient computes them. */
export function gram(x: Node): Node {
  const [n, columns] = x.type.shape as [number, number];
  const pixels = reshape(x, { shape: [n, 1, 1, columns] });
  const products = conv2dWeightGrad(pixels, pixels, { kernel: 1, stride: 1, padding: 0 });
  return reshape(products, { shape: [columns, columns] });
}
