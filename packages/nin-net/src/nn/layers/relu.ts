import type { Node } from "../../graph/node.ts";
import { relu } from "../../ops/relu.ts";
import { Layer } from "../layer.ts";

/**
 * max(x, 0), element by element; any shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends Layer {
  override readonly kind = "ReLU";

  override trace(x: Node): Node {
    return relu(x);
  }
}
