import { NinError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { Layer } from "../layer.ts";
import { inside, type LayerPath } from "../layer-path.ts";
import type { TraceContext } from "../trace.ts";

/**
 * Layers one after the other. Iterate over it to go through them.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Layer implements Iterable<Layer> {
  override readonly kind: string = "Sequential";
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

  get length(): number {
    return this.layers.length;
  }

  /** The `index`-th layer; a negative index counts from the end. */
  at(index: number): Layer | undefined {
    return this.layers.at(index);
  }

  [Symbol.iterator](): Iterator<Layer> {
    return this.layers[Symbol.iterator]();
  }

  override outputShape(input: readonly number[], place?: LayerPath): number[] {
    const own = place ?? { root: this.kind, path: "" };
    return this.layers.reduce<number[]>(
      (shape, layer, index) => layer.outputShape(shape, inside(own, index)),
      [...input],
    );
  }

  override trace(x: Node, context: TraceContext): Node {
    return this.layers.reduce((node, layer) => layer.trace(node, context), x);
  }

  override multiplyAdds(input: readonly number[]): number {
    let shape = [...input];
    let total = 0;
    for (const layer of this.layers) {
      total += layer.multiplyAdds(shape);
      shape = layer.outputShape(shape);
    }
    return total;
  }
}
