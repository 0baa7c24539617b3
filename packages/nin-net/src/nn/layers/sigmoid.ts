import type { Node } from "../../graph/node.ts";
import { definePointwise } from "../../ops/pointwise/pointwise.ts";
import { Layer } from "../layer.ts";

const sigmoid = definePointwise("sigmoid", (x) => x.sigmoid());

/**
 * 1 / (1 + exp(-x)), element by element; any shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Layer {
  override readonly kind = "Sigmoid";

  override trace(x: Node): Node {
    return sigmoid(x);
  }
}
