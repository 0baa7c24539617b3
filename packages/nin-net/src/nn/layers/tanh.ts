import type { Node } from "../../graph/node.ts";
import { definePointwise } from "../../ops/pointwise/pointwise.ts";
import { Layer } from "../layer.ts";

const tanh = definePointwise("tanh", (x) => x.tanh());

/**
 * Hyperbolic tangent, element by element; any shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Layer {
  override readonly kind = "Tanh";

  override trace(x: Node): Node {
    return tanh(x);
  }
}
