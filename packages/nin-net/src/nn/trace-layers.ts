/** Derives what layers make of a shape, and what that costs, from the ops that they trace. */
import { ShapeError } from "../core/errors.ts";
import { input, type Node, type StateNode, state, topologicalOrder } from "../graph/node.ts";
import { costOf } from "../graph/op.ts";
import type { Layer } from "./layer.ts";
import { childIndex, describeLayer, inside, type LayerPath } from "./layer-path.ts";
import { activationShapeFromEngine, activationShapeToEngine, weightShapeToEngine } from "./layout.ts";
import type { LayerBuffer, Parameter } from "./parameter.ts";
import { randomKey, type TraceContext } from "./trace.ts";

/** A layer as it was traced for one input shape. */
export interface TracedLayer {
  readonly layer: Layer;
  readonly place: LayerPath;
  /** In PyTorch's order. */
  readonly outputShape: number[];
  /** Products summed in convolutions and matrix products, inner layers included. */
  readonly multiplyAdds: number;
  /** Inner layers, in the order in which they were traced. */
  readonly children: readonly TracedLayer[];
}

/**
 * Traces a layer in evaluation mode.
 *
 * @param inputShape - in PyTorch's order
 * @param place - where the layer stands, for messages
 * @throws ShapeError naming the layer that cannot take its input
 */
export function traceLayers(
  layer: Layer,
  inputShape: readonly number[],
  place: LayerPath = { root: layer.kind, path: "" },
): TracedLayer {
  layer.checkInput(describeLayer(layer.kind, place), inputShape);
  const x = input("x", activationShapeToEngine(inputShape), "f32", "slice");
  return new LayerTracer().trace(layer, x, place).traced;
}

/** Errors that name their layer. */
const located = new WeakSet<Error>();

class LayerTracer {
  readonly #states = new Map<Parameter | LayerBuffer, StateNode>();
  #streams = 0;

  trace(layer: Layer, x: Node, place: LayerPath): { readonly y: Node; readonly traced: TracedLayer } {
    const children: TracedLayer[] = [];
    const y = this.#named(layer, x, place, () => layer.trace(x, this.#context(layer, place, children)));
    const outputShape = activationShapeFromEngine(y.type.shape);
    return { y, traced: { layer, place, outputShape, multiplyAdds: multiplyAdds(x, y), children } };
  }

  #context(layer: Layer, place: LayerPath, children: TracedLayer[]): TraceContext {
    const stateOf = (values: Parameter | LayerBuffer): StateNode => {
      const known = this.#states.get(values) ?? state(values.name, weightShapeToEngine(values.shape));
      this.#states.set(values, known);
      return known;
    };
    return {
      mode: "eval",
      parameter: stateOf,
      buffer: stateOf,
      update: () => {},
      layer: (child, x) => {
        const { y, traced } = this.trace(
          child,
          x,
          inside(place, childIndex(layer.children, child, children.length)),
        );
        children.push(traced);
        return y;
      },
      randomKey,
      nextStream: () => this.#streams++,
    };
  }

  /** Lets errors of a layer's ops begin with the layer's path. */
  #named(layer: Layer, x: Node, place: LayerPath, trace: () => Node): Node {
    const where = describeLayer(layer.kind, place);
    try {
      layer.checkInput(where, activationShapeFromEngine(x.type.shape));
      return trace();
    } catch (error) {
      if (!(error instanceof ShapeError) || located.has(error)) throw error;
      const named = error.message.startsWith(`${where}: `)
        ? error
        : new ShapeError(where, `${error.message} Ops take images channels last, [N, H, W, C].`);
      located.add(named);
      throw named;
    }
  }
}

/** Half the operations of the convolutions between two nodes; matrix products are convolutions too. */
function multiplyAdds(x: Node, y: Node): number {
  const before = new Set(topologicalOrder([x]));
  return topologicalOrder([y]).reduce((sum, node) => {
    if (node.kind !== "op" || before.has(node) || node.op.convolution === undefined) return sum;
    return sum + costOf(node).flops / 2;
  }, 0);
}
