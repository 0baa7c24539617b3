import type { Node } from "../graph/node.ts";
import type { Layer } from "./layer.ts";
import { childIndex } from "./layer-path.ts";
import type { TraceContext } from "./trace.ts";

/**
 * A context that records what each inner layer gives; of a layer that is called twice, its last call.
 *
 * @param layer - the one that is traced with it
 * @param outputs - is given the outputs by path: indices from the layer down, e.g. `2` or `2.0`
 * @param path - where the layer stands in its network
 */
export function recordLayers(
  layer: Layer,
  context: TraceContext,
  outputs: Map<string, Node>,
  path = "",
): TraceContext {
  let called = 0;
  return {
    ...context,
    layer(child, x) {
      const index = childIndex(layer.children, child, called++);
      const own = path === "" ? `${index}` : `${path}.${index}`;
      const y = child.trace(x, recordLayers(child, context, outputs, own));
      outputs.set(own, y);
      return y;
    },
  };
}
