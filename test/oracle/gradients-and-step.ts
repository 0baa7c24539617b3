import { type Graph, input } from "#nin-net/graph/node.js";
import type { Layer } from "#nin-net/nn/layer.js";
import type { DeviceParameters } from "#nin-net/nn/trace.js";
import { ops } from "#nin-net/ops/ops.js";
import { gradientGraph } from "#nin-net/train/programs.js";

/** One step of gradient descent whose outputs are the gradients, in the engine's layout. */
export function gradientsAndStep(
  net: Layer,
  parameters: DeviceParameters,
  images: number,
  stored: Parameters<typeof gradientGraph>[3],
): Graph {
  const graph = gradientGraph(net, parameters, images, stored);
  const minusLearningRate = input("minusLearningRate", [1], "f32", "step");
  const updates = new Map(
    parameters.nodes.map((weight) => [
      weight,
      ops.add(weight, ops.scaleBy(graph.outputs[weight.name]!, minusLearningRate)),
    ]),
  );
  return { outputs: graph.outputs, updates };
}
