import { NinError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { Layer } from "../layer.ts";
import type { TraceContext } from "../trace.ts";

/**
 * Layers one after the other. Iterate over it to go through them.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Layer implements Iterable<Layer> {
  override readonly kind: string = "Sequential";
  /** In the order in which they are applied. */
  readonly layers: readonly Layer[];

  constructor(...layers: Layer[]) {
    super();
    const wrong = layers.findIndex((layer) => !(layer instanceof Layer));
    if (wrong >= 0) {
      throw new NinError(
        `Sequential: got ${typeof layers[wrong]} as layer ${wrong}, expected a layer. ` +
          "Pass layers one by one, or spread a list: new Sequential(...layers).",
      );
    }
    this.layers = layers;
  }

  override get children(): readonly Layer[] {
    return this.layers;
  }

  /** Number of layers. */
  get length(): number {
    return this.layers.length;
  }

  /** The `index`-th layer; a negative index counts from the end. */
  at(index: number): Layer | undefined {
    return this.layers.at(index);
  }

  /** Goes through the layers in order. */
  [Symbol.iterator](): Iterator<Layer> {
    return this.layers[Symbol.iterator]();
  }

  override trace(x: Node, context: TraceContext): Node {
    return this.layers.reduce((node, layer) => context.layer(layer, node), x);
  }
}
