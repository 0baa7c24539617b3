import { type Node, sizeOf } from "../../graph/node.ts";
import { permute } from "../../ops/permute.ts";
import { reshape } from "../../ops/reshape.ts";
import { Layer } from "../layer.ts";

/**
 * Joins all axes but the first, in PyTorch's order: [N, C, H, W] -> [N, C H W].
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Layer {
  override readonly kind = "Flatten";

  override trace(x: Node): Node {
    const [n, ...rest] = x.type.shape as [number, ...number[]];
    const isOnePixel = rest[0] === 1 && rest[1] === 1;
    const channelsFirst = rest.length === 3 && !isOnePixel ? permute(x, { axes: [0, 3, 1, 2] }) : x;
    return reshape(channelsFirst, { shape: [n, sizeOf(rest)] });
  }
}
