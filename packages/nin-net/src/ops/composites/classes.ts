import type { Node, OpNode } from "../../graph/node.ts";
import { adaptiveAvgPool2d } from "../adaptive-avg-pool-2d.ts";
import { scores } from "../check.ts";
import { reshape } from "../reshape.ts";

/** The mean of each image's scores: x [N, K] -> y [N]. */
export function meanClasses(x: Node): OpNode {
  const [n, classes] = scores("meanClasses", x.type);
  const mean = adaptiveAvgPool2d(reshape(x, { shape: [n, classes, 1, 1] }), { height: 1, width: 1 });
  return reshape(mean, { shape: [n] });
}

/** One number an image for each of its classes: x [N] -> y [N, classes]. */
export function expandClasses(x: Node, classes: number): OpNode {
  const n = x.type.shape[0]!;
  // Each window is the one pixel there is.
  const wide = adaptiveAvgPool2d(reshape(x, { shape: [n, 1, 1, 1] }), { height: classes, width: 1 });
  return reshape(wide, { shape: [n, classes] });
}
